//! One way that a message is on.

use std::sync::Arc;

use tracing::Span;

use super::{Delivery, Journey, Scope, unwound};
use crate::edge::Rounds;
use crate::message::SpanId;
use crate::step::{Failure, FailureKind};

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
    pub(crate) span: Span,
    pub(crate) span_id: SpanId,
    /// Whether it may wait for room on its next edge.
    pub(crate) patience: Patience,
    /// How often it has gone back.
    pub(crate) rounds: Rounds,
}

/// Whether to wait for room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    Wait,
    /// The message was shed: whoever shed it must not wait for it.
    Now,
}

impl Branch {
    /// The first branch of a message.
    pub(crate) fn root(journey: Arc<Journey>) -> Self {
        let span = journey.span.clone();
        let span_id = journey.context.span_id();
        Self::new(Scope::new(journey), span, span_id)
    }

    /// The first branch of a member of a nest.
    pub(crate) fn of_member(&self, scope: Arc<Scope>) -> Self {
        Self::new(scope, self.span.clone(), self.span_id)
    }

    fn new(scope: Arc<Scope>, span: Span, span_id: SpanId) -> Self {
        scope.enter();
        Self {
            scope: Some(scope),
            span,
            span_id,
            patience: Patience::Wait,
            rounds: Rounds::default(),
        }
    }

    /// A second branch beside this one.
    pub fn fork(&self) -> Self {
        let mut fork = Self::new(Arc::clone(self.scope()), self.span.clone(), self.span_id);
        fork.patience = self.patience;
        fork.rounds = self.rounds.clone();
        fork
    }

    /// The same branch, behind another step.
    pub(crate) fn behind(mut self, span: Span, span_id: SpanId) -> Self {
        self.span = span;
        self.span_id = span_id;
        self.patience = Patience::Wait;
        self
    }

    /// The same branch, as a part of another's step.
    pub(crate) fn below(mut self, span: Span, span_id: SpanId) -> Self {
        self.span = span;
        self.span_id = span_id;
        self
    }

    /// The branch as the whole message: every other one is cancelled. Of two
    /// branches at the same time, the first is the message.
    pub(crate) fn instead(mut self) -> Self {
        let journey = Arc::clone(&self.scope().journey);
        let whole = journey.whole();
        if whole.is_some_and(|whole| whole.cancel()) {
            let scope = Scope::new(journey);
            // A message that failed meanwhile does not come to life again.
            if scope.journey.has_fate() {
                scope.cancel();
            }
            scope.enter();
            self.scope = Some(scope);
            self.rounds = Rounds::default();
        }
        self
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        self.scope
            .as_ref()
            .expect("a branch that has ended is never looked at")
    }

    pub(crate) fn journey(&self) -> &Journey {
        &self.scope().journey
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.scope().is_cancelled()
    }

    /// The branch ended well, at a sink.
    pub(crate) fn end(mut self) -> Delivery {
        let Some(scope) = self.scope.take() else {
            return Delivery::DONE;
        };
        scope.journey.reach_a_sink();
        scope.leave()
    }

    /// The branch ends quietly: it was skipped, or waits as a part of a join.
    pub fn discard(mut self) -> Delivery {
        self.scope
            .take()
            .map_or(Delivery::DONE, |scope| scope.leave())
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
            scope.journey.fail(failure);
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
            scope.journey.abandon();
        } else if let Some(scope) = unwound::keep(scope) {
            let journey = &scope.journey;
            let kind = FailureKind::Panic("a value panicked while it was dropped".into());
            journey.fail(Failure::new(kind, journey.core.name, "", 0));
        }
    }
}
