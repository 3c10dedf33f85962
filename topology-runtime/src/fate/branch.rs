//! One way that a message is on.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use tokio::time::Instant;
use tracing::Span;

use super::{Delivery, Journey, Scope, unwound};
use crate::edge::{Back, Rounds};
use crate::message::SpanId;
use crate::step::Failure;
use crate::supervisor::Core;
use crate::telemetry::Tick;

/// A message's presence in one place: on an edge, in a step, between both.
///
/// Whoever holds a branch owes it an end. One that is dropped without, because
/// its task was stopped or the runtime went away, abandons its message; one
/// that is dropped by a panic fails it. So no message goes without a fate.
#[must_use = "a branch that is dropped abandons its message"]
pub struct Branch {
    /// `None` once the branch has ended.
    scope: Option<Arc<Scope>>,
    /// The span of the step that the branch comes from.
    pub(crate) span_id: SpanId,
    /// When it was last handed on.
    pub(crate) at: Tick,
    /// `None` while there is nothing to remember.
    trail: Option<Box<Trail>>,
    // No small field: whoever moves an option of a branch would have it told by
    // that field's unused values, and move the rest of it in pieces.
}

/// What few branches carry.
struct Trail {
    /// The span of the step that the branch comes from, if it has one.
    span: Span,
    /// How often it has gone back.
    rounds: Rounds,
    /// Whether it may wait for room on its next edge.
    patience: Patience,
}

/// Whether to wait for room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    Wait,
    /// The message was shed: whoever shed it must not wait for it.
    Now,
}

static NO_SPAN: Span = Span::none();

impl Branch {
    /// The first branch of a message that was offered then, and has until then.
    /// `begins` says what there is to say of it.
    #[inline]
    pub(crate) fn root(
        core: &Arc<Core>,
        (offered, deadline): (Tick, Option<Instant>),
        begins: impl FnOnce(&mut Journey),
    ) -> Self {
        let scope = Scope::new(core, (offered, deadline), begins);
        let span_id = scope.journey().context.span_id();
        let has_span = !scope.journey().span.is_none();
        let root = Self::on(scope, span_id, offered);
        // By value, so that it stays in registers where it has none.
        if has_span {
            root.under_its_message()
        } else {
            root
        }
    }

    /// The first branch of a member of a nest.
    pub(crate) fn of_member(&self, scope: Arc<Scope>) -> Self {
        let at = self.journey().core.clock.now();
        Self::new(scope, self.span_id, at).under(self.span().clone())
    }

    /// One more branch in a scope.
    fn new(scope: Arc<Scope>, span_id: SpanId, at: Tick) -> Self {
        scope.enter();
        Self::on(scope, span_id, at)
    }

    /// A branch that its scope knows of.
    #[inline]
    fn on(scope: Arc<Scope>, span_id: SpanId, at: Tick) -> Self {
        Self {
            scope: Some(scope),
            span_id,
            at,
            trail: None,
        }
    }

    /// A second branch beside this one.
    pub fn fork(&self) -> Self {
        let mut fork = Self::new(Arc::clone(self.scope()), self.span_id, self.at);
        fork.trail = self.trail.as_ref().map(|trail| {
            Box::new(Trail {
                span: trail.span.clone(),
                rounds: trail.rounds.clone(),
                patience: trail.patience,
            })
        });
        fork
    }

    /// The branch goes on behind another step.
    pub(crate) fn go_behind(&mut self, span: Span, span_id: SpanId, at: Tick) {
        self.go_on(span_id, at);
        self.set_span(span);
    }

    /// The same behind a step without a span.
    #[inline]
    pub(crate) fn go_on(&mut self, span_id: SpanId, at: Tick) {
        self.at = at;
        self.span_id = span_id;
        if let Some(trail) = &mut self.trail {
            trail.patience = Patience::Wait;
            trail.span = Span::none();
        }
    }

    /// The same branch, handed on then.
    #[inline]
    pub(crate) fn from(self, at: Tick) -> Self {
        let mut own = ManuallyDrop::new(self);
        Self {
            scope: own.scope.take(),
            span_id: own.span_id,
            at,
            trail: own.trail.take(),
        }
    }

    /// The same branch, as a part of another's step.
    pub(crate) fn below(mut self, span: Span, span_id: SpanId) -> Self {
        self.span_id = span_id;
        self.under(span)
    }

    /// The same branch, below the message's own span.
    #[cold]
    fn under_its_message(self) -> Self {
        let span = self.journey().span.clone();
        self.under(span)
    }

    #[inline]
    fn under(mut self, span: Span) -> Self {
        self.set_span(span);
        self
    }

    #[inline]
    fn set_span(&mut self, span: Span) {
        if self.trail.is_some() || !span.is_none() {
            self.trail().span = span;
        }
    }

    /// Whether it may wait for room on its next edge.
    pub(crate) fn patience(&self) -> Patience {
        let trail = self.trail.as_ref();
        trail.map_or(Patience::Wait, |trail| trail.patience)
    }

    #[inline]
    pub(crate) fn set_patience(&mut self, patience: Patience) {
        if self.trail.is_some() || patience != Patience::Wait {
            self.trail().patience = patience;
        }
    }

    /// The id of the next step's span. Where no spans are recorded, there is only
    /// the message's own.
    pub(crate) fn next_span_id(&self) -> SpanId {
        if self.journey().context.is_sampled() {
            SpanId::random()
        } else {
            self.span_id
        }
    }

    /// The same branch, which has waited for others until now.
    pub(crate) fn now(mut self) -> Self {
        self.at = self.journey().core.clock.now();
        self
    }

    /// The span of the step that the branch comes from.
    pub(crate) fn span(&self) -> &Span {
        self.trail.as_ref().map_or(&NO_SPAN, |trail| &trail.span)
    }

    /// Goes back along an edge; `false` if that was too often.
    pub(crate) fn go_back(&mut self, back: &Back) -> bool {
        self.trail().rounds.take(back)
    }

    fn trail(&mut self) -> &mut Trail {
        self.trail.get_or_insert_with(|| {
            Box::new(Trail {
                span: Span::none(),
                rounds: Rounds::default(),
                patience: Patience::Wait,
            })
        })
    }

    /// The branch as the whole message: every other one is cancelled. Of two
    /// branches at the same time, the first is the message.
    pub(crate) fn instead(mut self) -> Self {
        if let Some(scope) = self.scope().instead() {
            scope.enter();
            self.scope = Some(scope);
            if let Some(trail) = &mut self.trail {
                trail.rounds = Rounds::default();
            }
        }
        self
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        self.scope
            .as_ref()
            .expect("a branch that has ended is never looked at")
    }

    #[inline]
    pub(crate) fn journey(&self) -> &Journey {
        self.scope().journey()
    }

    /// Nobody looks at its spans, it has no end in time, nothing to remember, and a
    /// use for what is done with it. If nobody listens, nobody looks.
    #[inline]
    pub(crate) fn is_ordinary(&self, does_somebody_listen: bool) -> bool {
        let scope = self.scope();
        let is_free = !scope.is_cancelled() && scope.until.is_none() && self.trail.is_none();
        is_free && !(does_somebody_listen && scope.journey().context.is_sampled())
    }

    /// The same but that somebody looks at its spans, whatever it has to remember.
    pub(crate) fn is_shown(&self, does_somebody_listen: bool) -> bool {
        let scope = self.scope();
        let is_free = !scope.is_cancelled() && scope.until.is_none();
        is_free && does_somebody_listen && scope.journey().context.is_sampled()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.scope().is_cancelled()
    }

    /// The branch ended well, at a sink.
    pub(crate) fn end(mut self) -> Delivery {
        let Some(scope) = self.scope.take() else {
            return Delivery::DONE;
        };
        let journey = scope.journey();
        journey.reach_a_sink();
        journey.reach(self.at);
        scope.leave()
    }

    /// Whether nobody looks at the message, or waits for what becomes of it, and this is
    /// the last that is left of it.
    #[inline]
    pub(crate) fn is_unwatched_to_its_end(&self) -> bool {
        self.scope().is_alone() && self.is_unwatched()
    }

    fn is_unwatched(&self) -> bool {
        self.trail.is_none() && self.scope().is_unwatched()
    }

    /// The same, at that time, if nobody looks at the message, or waits for what becomes
    /// of it: it asks nothing of anybody's code, which may panic.
    #[inline]
    pub(crate) fn end_unwatched(mut self, at: Tick) -> Result<(), Self> {
        if !self.is_unwatched() {
            return Err(self);
        }
        match self.scope.take() {
            Some(scope) => {
                let journey = scope.journey();
                journey.reach_a_sink();
                journey.reach(at);
                scope.leave_unwatched();
                Ok(())
            }
            None => Err(self),
        }
    }

    /// The branch ends quietly: it was skipped, or waits as a part of a join.
    pub fn discard(mut self) -> Delivery {
        let Some(scope) = self.scope.take() else {
            return Delivery::DONE;
        };
        scope.journey().reach(self.at);
        scope.leave()
    }

    /// The branch ends quietly, and joins that would wait for it are told.
    pub fn discard_with(self, tell: impl FnOnce(&Self) -> Delivery) -> Delivery {
        let told = tell(&self);
        told.and(self.discard())
    }

    /// The message fails, or the arm of a race that the branch is in.
    pub(crate) fn fail(mut self, failure: Failure) -> Delivery {
        let Some(scope) = self.scope.take() else {
            return Delivery::DONE;
        };
        if scope.is_cancelled() {
            return scope.leave();
        }
        let failed = scope.fail(failure);
        failed.and(scope.leave())
    }

    /// The message fails, whatever the branch is in.
    pub(crate) fn fail_message(mut self, failure: Failure) -> Delivery {
        let Some(scope) = self.scope.take() else {
            return Delivery::DONE;
        };
        if !scope.is_cancelled() {
            scope.fail_message(failure);
        }
        scope.leave()
    }
}

impl Drop for Branch {
    fn drop(&mut self) {
        let Some(scope) = self.scope.take() else {
            return;
        };
        if scope.is_cancelled() {
            return;
        }
        if !std::thread::panicking() {
            scope.abandon();
        } else if let Some(scope) = unwound::keep(scope) {
            unwound::fail_dropped(&scope);
        }
    }
}
