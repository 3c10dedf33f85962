//! A message at a task, and the work on it.

use tracing::Span;

use super::StepContext;
use crate::fate::Branch;
use crate::message::SpanId;
use crate::telemetry::{Links, Tick};

/// A message that has come from its edge, and what is done with it.
pub struct Arrival {
    /// `None` once the message does not go on from here.
    pub(crate) branch: Option<Branch>,
    /// How long it was on the edge, in nanoseconds.
    pub(crate) waited: Option<u64>,
    /// When it came.
    pub(crate) at: Tick,
    pub(crate) links: Links,
    pub(super) work: Work,
    /// The context and the span of the attempt, if somebody looks at it.
    pub(super) asked: Option<Asked>,
}

/// An attempt that is looked at.
pub(super) struct Asked {
    pub(super) context: StepContext,
    pub(super) span: Option<Span>,
}

/// One step's work on a message.
pub(super) struct Work {
    pub(super) began: Tick,
    /// `None` where no spans are recorded.
    pub(super) span: Option<Span>,
    /// Where there is none, the message's own.
    pub(super) span_id: SpanId,
}

impl Work {
    pub(super) const NONE: Self = Self {
        began: Tick::ZERO,
        span: None,
        span_id: SpanId::LEAST,
    };
}

impl Arrival {
    /// Nothing has come.
    pub(crate) fn none() -> Self {
        Self {
            branch: None,
            waited: None,
            at: Tick::default(),
            links: Links::NONE,
            work: Work::NONE,
            asked: None,
        }
    }

    /// A message has come from an edge, where it was for so many nanoseconds.
    #[inline]
    pub(crate) fn comes(&mut self, branch: Branch, waited: u64, at: Tick, links: Links) {
        self.branch = Some(branch);
        self.waited = Some(waited);
        self.at = at;
        // Few have any, and what is replaced is looked at.
        if !links.are_none() || !self.links.are_none() {
            self.links = links;
        }
    }

    /// The work on it began then, and has come to nothing.
    pub(super) fn fails(&mut self, began: Tick, at: Tick) {
        self.at = at;
        self.work.began = began;
        if let Some(branch) = &self.branch {
            self.work.span_id = branch.span_id;
        }
    }

    /// The message goes on to another step of the task, without an edge.
    pub(crate) fn is_called(&mut self) {
        if let Some(branch) = &self.branch {
            self.at = branch.at;
        }
        self.waited = None;
        self.links = Links::NONE;
    }

    /// A message that another step of the task hands over, without an edge.
    pub(crate) fn called(branch: Branch) -> Self {
        Self {
            at: branch.at,
            branch: Some(branch),
            ..Self::none()
        }
    }
}
