//! One step's work on one message: attempts, timeouts, panics, and what becomes
//! of the outcome.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Span;

use super::{
    Attempted, Bounded, BoxError, Failure, FailureKind, Otherwise, Overfull, Retry, Step,
    StepContext, WorkflowStep, bounded,
};
use crate::edge::Queue;
use crate::fate::{Branch, Delivery, panic_text};
use crate::message::SpanId;
use crate::state::Lent;
use crate::supervisor::Core;
use crate::telemetry::{Links, current, spans};

/// Runs one step of a topology.
pub struct Runner<S: WorkflowStep> {
    pub(super) core: Arc<Core>,
    number: usize,
    policy: Policy<S>,
}

/// Where the runner finds out what becomes of failures.
enum Policy<S: WorkflowStep> {
    /// With the queue: messages can fail before the step has them.
    Queue(Queue<S>),
    /// By itself: the step is called by another.
    Own(Otherwise<S>),
}

/// What a message brings along from its edge.
pub struct Arrival {
    pub(crate) branch: Branch,
    pub(crate) waited: Option<Duration>,
    pub(crate) links: Links,
}

impl Arrival {
    /// A message that another step of the task hands over, without an edge.
    pub(crate) fn called(branch: Branch) -> Self {
        Self {
            branch,
            waited: None,
            links: Links::NONE,
        }
    }
}

/// What all steps of one replica share.
pub struct Replica {
    /// One permit: a replica has one blocking thread at a time.
    pub(crate) thread: Arc<Semaphore>,
}

impl Replica {
    pub(super) fn new() -> Self {
        Self {
            thread: Arc::new(Semaphore::new(1)),
        }
    }
}

/// Why an attempt brought no output.
pub(super) enum Setback {
    Error(BoxError, bool),
    Timeout,
    Panic(String),
    Deadline,
    Cancelled,
}

impl<S: WorkflowStep> Runner<S> {
    pub(crate) fn of_queue(queue: Queue<S>) -> Self {
        Self {
            core: Arc::clone(queue.core()),
            number: queue.number(),
            policy: Policy::Queue(queue),
        }
    }

    pub(crate) fn called(core: Arc<Core>, number: usize, otherwise: Otherwise<S>) -> Self {
        Self {
            core,
            number,
            policy: Policy::Own(otherwise),
        }
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn otherwise(&self) -> &Otherwise<S> {
        match &self.policy {
            Policy::Queue(queue) => queue.policy(),
            Policy::Own(otherwise) => otherwise,
        }
    }

    /// Works on one message. What does not end well goes where failures go, and
    /// nothing comes back.
    pub(crate) async fn run<State>(
        &self,
        state: &Lent<State>,
        replica: &Replica,
        message: S::Input,
        arrival: Arrival,
        own: &mut Option<S::Own>,
    ) -> Option<(S::Output, Branch)>
    where
        S: Step<State>,
    {
        let Arrival {
            branch,
            waited,
            links,
        } = arrival;
        if branch.is_cancelled() {
            let _ = branch.discard();
            return None;
        }
        let meter = &self.core.steps[self.number];
        let span_id = SpanId::random();
        let name = self.core.step_name(self.number);
        let span = spans::step(&branch, name, span_id, waited, &links);
        let mut work = Work {
            runner: self,
            span: &span,
            span_id,
            context: StepContext {
                step: name,
                trace: branch.journey().context.child(span_id),
                attempt: 0,
                until: None,
                cancellation: Arc::clone(&branch.scope().cancellation),
                deadline: branch.scope().until,
                thread: Arc::clone(&replica.thread),
            },
        };
        let worked = {
            let _working = meter.start();
            work.attempts(state, message, own).await
        };
        let attempts = work.context.attempt;
        match worked {
            Ok(output) => {
                meter.succeeded();
                spans::step_done(&span, attempts);
                Some((output, branch.behind(span, span_id)))
            }
            Err((Setback::Cancelled, _)) => {
                meter.cancelled();
                spans::step_cancelled(&span, attempts);
                let _ = branch.discard();
                None
            }
            Err((setback, kept)) => {
                let failure = self.failure(setback, attempts, &branch);
                meter.failed(failure.kind());
                spans::step_failed(&span, &failure);
                let branch = branch.behind(span, span_id);
                let otherwise = self.otherwise();
                let kept = kept.map(S::kept);
                let delivery = otherwise.handle(&self.core, kept, failure, branch);
                delivery.complete().await;
                None
            }
        }
    }

    /// What the step returned cannot be handed on: its message is gone, and the
    /// failure goes where its failures go.
    pub(crate) fn fail_output(&self, overfull: Overfull) -> Delivery {
        let Overfull { kind, branch } = overfull;
        let core = &self.core;
        core.steps[self.number].failed(&kind);
        let failure = Failure::new(kind, core.name, core.step_name(self.number), 1);
        self.otherwise().handle(core, None, failure, branch)
    }

    pub(super) fn failure(&self, setback: Setback, attempts: usize, branch: &Branch) -> Failure {
        let new = |kind| {
            Failure::new(
                kind,
                self.core.name,
                self.core.step_name(self.number),
                attempts,
            )
        };
        match setback {
            Setback::Error(error, _) => new(FailureKind::Error).with_error(error),
            Setback::Panic(text) => new(FailureKind::Panic(text)),
            Setback::Deadline => {
                let lateness = branch.scope().lateness(Instant::now());
                new(lateness.unwrap_or(FailureKind::Deadline))
            }
            Setback::Timeout | Setback::Cancelled => new(FailureKind::Timeout),
        }
    }
}

/// The attempts at one message.
struct Work<'a, S: WorkflowStep> {
    runner: &'a Runner<S>,
    span: &'a Span,
    span_id: SpanId,
    context: StepContext,
}

impl<S: WorkflowStep> Work<'_, S> {
    /// Tries until an attempt ends well, may not be repeated, or was the last.
    /// A failure comes with the message, if that was kept.
    async fn attempts<State>(
        &mut self,
        state: &Lent<State>,
        message: S::Input,
        own: &mut Option<S::Own>,
    ) -> Result<S::Output, (Setback, Option<S::Input>)>
    where
        S: Step<State>,
    {
        let retry = S::CONTRACT.retry;
        let most = S::CONTRACT.attempts();
        let mut message = message;
        loop {
            self.context.attempt += 1;
            let is_last = self.context.attempt >= most;
            let keep = if is_last {
                self.runner.otherwise().keep()
            } else {
                S::KEEP
            };
            let copy = keep.map(|keep| keep(&message));
            let setback = match self.attempt(state, message, own).await {
                Ok(output) => return Ok(output),
                Err(setback) => setback,
            };
            let may_retry = matches!(setback, Setback::Error(_, true) | Setback::Timeout);
            let Some(retry) = retry.filter(|_| may_retry && !is_last) else {
                return Err((setback, copy));
            };
            self.runner.core.steps[self.runner.number].retried();
            if let Err(setback) = self.back_off(retry).await {
                return Err((setback, copy));
            }
            let Some(copy) = copy else {
                return Err((setback, None));
            };
            message = copy;
        }
    }

    /// One attempt, within the step's timeout and the message's deadline.
    async fn attempt<State>(
        &mut self,
        state: &Lent<State>,
        message: S::Input,
        own: &mut Option<S::Own>,
    ) -> Result<S::Output, Setback>
    where
        S: Step<State>,
    {
        let deadline = self.context.deadline;
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(Setback::Deadline);
        }
        let timeout = S::CONTRACT.timeout.map(|timeout| Instant::now() + timeout);
        let until = [timeout, deadline].into_iter().flatten().min();
        self.context.until = until;
        let span = self.attempt_span();
        let worked = {
            let context = &self.context;
            // An inline step runs while its future is made, so that is polled too.
            let attempt = async {
                if own.is_none() {
                    *own = S::own(state);
                }
                S::run(message, state, context, own).await
            };
            bounded(
                guarded(&span, context, attempt),
                until,
                &context.cancellation,
            )
            .await
        };
        let is_late = |deadline: Instant| deadline <= Instant::now();
        let result = match worked {
            // Nothing could interrupt an inline step, but its time was over.
            Bounded::Done(Ok(_)) if deadline.is_some_and(is_late) => Err(Setback::Deadline),
            Bounded::Done(Ok(Attempted::Done(output))) => Ok(output),
            Bounded::Done(Ok(Attempted::Failed { error, may_retry })) => {
                Err(Setback::Error(error, may_retry))
            }
            Bounded::Done(Err(text)) => Err(Setback::Panic(text)),
            Bounded::Cancelled => Err(Setback::Cancelled),
            Bounded::TimedOut if until == deadline => Err(Setback::Deadline),
            Bounded::TimedOut => Err(Setback::Timeout),
        };
        if S::CONTRACT.attempts() > 1 {
            match &result {
                Ok(_) => spans::attempt_done(&span),
                Err(setback) => spans::attempt_failed(&span, &setback.text()),
            }
        }
        result
    }

    /// The span of this attempt. Of a step that tries once, the step's own is
    /// enough; of one that may try again, what an attempt calls hangs below it.
    fn attempt_span(&mut self) -> Span {
        if S::CONTRACT.attempts() == 1 {
            return self.span.clone();
        }
        let span_id = SpanId::random();
        self.context.trace = self.context.trace.child(span_id);
        spans::attempt(self.span, &self.context, self.span_id)
    }

    /// Waits before the next attempt, but not past the deadline.
    async fn back_off(&self, retry: Retry) -> Result<(), Setback> {
        let context = &self.context;
        let wait = tokio::time::sleep(retry.draw(context.attempt + 1));
        match bounded(wait, context.deadline, &context.cancellation).await {
            Bounded::Done(()) => Ok(()),
            Bounded::TimedOut => Err(Setback::Deadline),
            Bounded::Cancelled => Err(Setback::Cancelled),
        }
    }
}

impl Setback {
    fn text(&self) -> String {
        match self {
            Self::Error(error, _) => error.to_string(),
            Self::Timeout => "took too long".to_owned(),
            Self::Panic(text) => format!("panicked: {text}"),
            Self::Deadline => "the deadline passed".to_owned(),
            Self::Cancelled => "cancelled".to_owned(),
        }
    }
}

/// Polls a step inside its span and context, and turns a panic into its text.
pub(super) async fn guarded<T>(
    span: &Span,
    context: &StepContext,
    attempt: impl Future<Output = T>,
) -> Result<T, String> {
    let mut attempt = pin!(attempt);
    poll_fn(|task| {
        let _entered = span.enter();
        let _current = current::enter(&context.trace);
        match catch_unwind(AssertUnwindSafe(|| attempt.as_mut().poll(task))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panic_text(&*panic))),
        }
    })
    .await
}
