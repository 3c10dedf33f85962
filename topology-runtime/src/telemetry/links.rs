//! The spans that a join's span follows from.

use tracing::Span;

use crate::fate::Branch;
use crate::message::SpanId;

/// The spans of the steps that the parts of a join come from, in the order of
/// the parts.
#[derive(Default)]
pub(crate) struct Links(Option<Box<All>>);

/// Behind a pointer: few messages have any, and all carry the place for them.
#[derive(Default)]
struct All(Vec<(usize, Span, SpanId)>);

impl Links {
    pub(crate) const NONE: Self = Self(None);

    /// Whether there are none.
    #[inline]
    pub(crate) fn are_none(&self) -> bool {
        self.0.is_none()
    }

    /// Lets go of none without a look.
    #[inline]
    pub(crate) fn are_dropped(self) {
        if self.0.is_some() {
            drop(self);
        } else {
            std::mem::forget(self);
        }
    }

    pub(crate) fn add(&mut self, part: usize, span: Span, span_id: SpanId) {
        let links = &mut self.0.get_or_insert_default().0;
        let position = links.partition_point(|(other, ..)| *other < part);
        links.insert(position, (part, span, span_id));
    }

    /// The first part's span, which becomes the join's parent; the branch's
    /// own if there are no parts.
    pub(crate) fn first(&self, branch: &Branch) -> (Span, SpanId) {
        match self.0.as_ref().and_then(|links| links.0.first()) {
            Some((_, span, span_id)) => (span.clone(), *span_id),
            None => (branch.span().clone(), branch.span_id),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Span> {
        let links = self.0.iter().flat_map(|links| &links.0);
        links.map(|(_, span, _)| span)
    }
}
