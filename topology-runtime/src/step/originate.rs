//! Messages that begin inside: what a step's `tick` or `finish` returns, or
//! fails with.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::time::Instant;

use super::guard::Guard;
use super::runner::{Replica, Runner};
use super::setback::Setback;
use super::{Attempted, Bounded, Step, StepContext, WorkflowStep, bounded};
use crate::fate::{Branch, Cancellation};
use crate::message::{Origin, SpanId};
use crate::state::Lent;
use crate::telemetry::{Writer, spans};

/// What a step does by itself; the number is the step's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    Tick(usize),
    Finish(usize),
}

impl Occasion {
    pub(crate) fn step(self) -> usize {
        match self {
            Self::Tick(step) | Self::Finish(step) => step,
        }
    }
}

impl<S: WorkflowStep> Runner<S> {
    /// A new state of the step; `None` if it has none, or if making it panics:
    /// the next message tries again, and fails if that panics too.
    pub(crate) fn make<State>(state: &Lent<State>) -> Option<S::Own>
    where
        S: Step<State>,
    {
        catch_unwind(AssertUnwindSafe(|| S::own(state)))
            .ok()
            .flatten()
    }

    /// Lets the step do what it does by itself. If that comes to something, a
    /// message begins here; a failure goes where the step's failures go.
    pub(crate) async fn begin<State>(
        &self,
        occasion: Occasion,
        state: &Lent<State>,
        replica: &Replica,
        own: &mut Option<S::Own>,
    ) -> Option<(S::Output, Branch)>
    where
        S: Step<State>,
    {
        own.as_ref()?;
        let clock = &self.core.clock;
        let (began, at) = (Instant::now(), clock.now());
        let began_at = SystemTime::now();
        let (origin, span_id) = (Origin::root(&self.core.sampler), SpanId::random());
        let name = self.core.step_name(self.number());
        let context = StepContext {
            step: name,
            trace: origin.context.child(span_id),
            attempt: 1,
            until: S::CONTRACT.timeout.map(|timeout| began + timeout),
            cancellation: Some(Arc::default()),
            deadline: None,
            thread: Some(Arc::clone(&replica.thread)),
            held: self.core.held(self.number()),
        };
        let worked = Self::work(occasion, state, &context, own).await;
        let worked = worked.transpose()?;
        let meter = &self.core.steps[self.number()];
        let ended = clock.now();
        let took = ended.since(at);
        meter.worked(Writer::OneOfSeveral, took);
        let mut branch = self.root(&origin, began_at);
        let span = spans::step_from_inside(&branch, name, span_id, began_at);
        match worked {
            Ok(output) => {
                meter.succeeded(Writer::OneOfSeveral);
                spans::step_done(&span, 1);
                branch.go_behind(span, span_id, ended);
                Some((output, branch))
            }
            Err(setback) => {
                let failure = self.failure(setback, 1, &branch);
                meter.failed(failure.kind());
                spans::step_failed(&span, &failure);
                branch.go_behind(span, span_id, ended);
                let delivery = self.otherwise().handle(&self.core, None, failure, branch);
                delivery.complete().await;
                None
            }
        }
    }

    /// What the occasion came to, within the step's timeout.
    async fn work<State>(
        occasion: Occasion,
        state: &Lent<State>,
        context: &StepContext,
        own: &mut Option<S::Own>,
    ) -> Result<Option<S::Output>, Setback>
    where
        S: Step<State>,
    {
        let cancellation = context.cancellation.clone().unwrap_or_default();
        let _stopped = CancelOnDrop(&cancellation);
        let attempt = async {
            match occasion {
                Occasion::Tick(_) => S::tick(state, context, own).await,
                Occasion::Finish(_) => S::finish(state, context, own).await,
            }
        };
        // It has a span as soon as there is a message: most ticks come to
        // nothing.
        let guarded = Guard::of(None, &context.trace).wait(attempt);
        match bounded(guarded, || context.until, || Arc::clone(&cancellation)).await {
            Bounded::Done(Ok(Attempted::Done(output))) => Ok(output),
            Bounded::Done(Ok(Attempted::Failed(failed))) => {
                Err(Setback::Error(failed.error, false))
            }
            Bounded::Done(Err(text)) => Err(Setback::Panic(text)),
            Bounded::TimedOut => Err(Setback::Timeout),
            Bounded::Cancelled => Err(Setback::Cancelled),
        }
    }

    /// The message, accepted.
    fn root(&self, origin: &Origin, began: SystemTime) -> Branch {
        let (core, now) = (&self.core, Instant::now());
        let deadline = core.deadline.and_then(|within| now.checked_add(within));
        let span = spans::message_from_inside(core.name, origin, began);
        Branch::root(core, (core.clock.tick(now), deadline), |journey| {
            journey.comes_from_inside(origin, span);
        })
    }
}

/// Tells a thread that is still at work when nobody waits for it any more.
struct CancelOnDrop<'a>(&'a Cancellation);

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
