//! Where the failures of a step go.

use std::sync::{Arc, Weak};

use super::requirements::Keep;
use super::{Failure, FailureKind, FromFailure, WorkflowStep};
use crate::edge::Edge;
use crate::fate::{Branch, Delivery};
use crate::supervisor::Core;

/// What becomes of a message that a step could not take in time, or failed on.
pub struct Otherwise<S: WorkflowStep> {
    /// How a copy of the message is kept, if a failure needs it.
    keep: Option<Keep<S>>,
    skip: Option<Skip>,
    route: Route<S>,
}

type Skip = Box<dyn Fn(&Branch) -> Delivery + Send + Sync>;
type GoOn<S> =
    Box<dyn Fn(Option<<S as WorkflowStep>::Kept>, Failure, Branch) -> Delivery + Send + Sync>;

enum Route<S: WorkflowStep> {
    Fail,
    Skip,
    Abort,
    Step(GoOn<S>),
    Instead(GoOn<S>),
}

impl<S: WorkflowStep> Otherwise<S> {
    fn new(route: Route<S>) -> Self {
        Self {
            keep: None,
            skip: None,
            route,
        }
    }

    /// The message fails.
    pub fn fail() -> Self {
        Self::new(Route::Fail)
    }

    /// The whole topology stops.
    pub fn abort() -> Self {
        Self::new(Route::Abort)
    }

    /// The branch ends quietly, and joins that would wait for it are told.
    pub fn skip<E>(
        edges: &Arc<E>,
        tell: impl Fn(&E, &Branch) -> Delivery + Send + Sync + 'static,
    ) -> Self
    where
        E: Send + Sync + 'static,
    {
        Self::new(Route::Skip).and_skip(edges, tell)
    }

    /// The branch goes on at another step.
    pub fn step<E, B>(edges: &Arc<E>, edge: fn(&E) -> &Edge<B>) -> Self
    where
        E: Send + Sync + 'static,
        B: WorkflowStep,
        B::Input: FromFailure<S::Kept, S::Input>,
    {
        Self {
            keep: B::Input::KEEP,
            ..Self::new(Route::Step(go_on::<S, E, B>(edges, edge)))
        }
    }

    /// The message as a whole goes on at another step.
    pub fn instead<E, B>(edges: &Arc<E>, edge: fn(&E) -> &Edge<B>) -> Self
    where
        E: Send + Sync + 'static,
        B: WorkflowStep,
        B::Input: FromFailure<S::Kept, S::Input>,
    {
        Self {
            keep: B::Input::KEEP,
            ..Self::new(Route::Instead(go_on::<S, E, B>(edges, edge)))
        }
    }

    /// Joins that would wait for the branch are told that it does not come.
    #[must_use]
    pub fn and_skip<E>(
        mut self,
        edges: &Arc<E>,
        tell: impl Fn(&E, &Branch) -> Delivery + Send + Sync + 'static,
    ) -> Self
    where
        E: Send + Sync + 'static,
    {
        let edges = Arc::downgrade(edges);
        self.skip = Some(Box::new(move |branch| match edges.upgrade() {
            Some(edges) => tell(&edges, branch),
            None => Delivery::DONE,
        }));
        self
    }

    pub(crate) fn keep(&self) -> Option<Keep<S>> {
        self.keep
    }

    /// Sends a failed message on its way. A passed deadline always fails it.
    pub(crate) fn handle(
        &self,
        core: &Core,
        kept: Option<S::Kept>,
        failure: Failure,
        branch: Branch,
    ) -> Delivery {
        if branch.is_cancelled() {
            return branch.discard();
        }
        match failure.kind() {
            FailureKind::Deadline => return branch.fail_message(failure),
            FailureKind::ScopeTimeout => return branch.fail(failure),
            _ => {}
        }
        let told = self
            .skip
            .as_ref()
            .map_or(Delivery::DONE, |skip| skip(&branch));
        let done = match &self.route {
            Route::Fail => branch.fail(failure),
            Route::Abort => {
                let failed = branch.fail_message(failure.clone());
                core.abort(failure);
                failed
            }
            Route::Skip => branch.discard(),
            Route::Step(go_on) => go_on(kept, failure, branch),
            // Behind the answer there is nothing to do instead.
            Route::Instead(_) if branch.journey().has_fate() => branch.fail(failure),
            Route::Instead(go_on) => go_on(kept, failure, branch.instead()),
        };
        told.and(done)
    }
}

/// The edges know the queues, and the queues their fallbacks' edges: only one
/// of the two may keep the other alive.
fn go_on<S, E, B>(edges: &Arc<E>, edge: fn(&E) -> &Edge<B>) -> GoOn<S>
where
    S: WorkflowStep,
    E: Send + Sync + 'static,
    B: WorkflowStep,
    B::Input: FromFailure<S::Kept, S::Input>,
{
    let edges: Weak<E> = Arc::downgrade(edges);
    Box::new(move |kept, failure, branch| {
        if let Some(edges) = edges.upgrade() {
            edge(&edges).offer_failure::<S>(kept, failure, branch)
        } else {
            branch.fail(failure)
        }
    })
}
