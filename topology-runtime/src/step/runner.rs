//! One step's work on one message: attempts, timeouts, panics, and what becomes
//! of the outcome.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Span;

use super::{
    Attempted, Bounded, BoxError, Failure, FailureKind, Otherwise, Overfull, Retry, Step,
    StepContext, WorkflowStep, bounded, bounded_rest,
};
use crate::edge::Queue;
use crate::fate::{Branch, Delivery, panic_text};
use crate::message::{SpanId, TraceContext};
use crate::state::Lent;
use crate::supervisor::Core;
use crate::telemetry::{Links, Tick, Writer, current, nanos, spans};

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
    /// `None` once the message does not go on from here.
    pub(crate) branch: Option<Branch>,
    /// How long it was on the edge, in nanoseconds.
    pub(crate) waited: Option<u64>,
    /// When it came.
    pub(crate) at: Tick,
    pub(crate) links: Links,
}

impl Arrival {
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
            waited: None,
            links: Links::NONE,
        }
    }
}

/// What all steps of one replica share.
pub struct Replica {
    /// One permit: a replica has one blocking thread at a time.
    pub(crate) thread: Arc<Semaphore>,
    /// Whether it is the only one.
    writer: Writer,
    /// For steps that do not ask for theirs.
    unasked: StepContext,
}

impl Replica {
    pub(super) fn new(writer: Writer) -> Self {
        Self {
            thread: Arc::new(Semaphore::new(1)),
            writer,
            unasked: StepContext::unasked(),
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

    /// Works on one message, which goes on behind the step if something comes
    /// back. What does not end well goes where failures go.
    pub(crate) async fn run<State>(
        &self,
        state: &Lent<State>,
        replica: &Replica,
        message: S::Input,
        arrival: &mut Arrival,
        own: &mut Option<S::Own>,
    ) -> Option<S::Output>
    where
        S: Step<State>,
    {
        let at = arrival.at;
        let branch = arrival.branch.as_mut()?;
        if branch.is_cancelled() {
            let _ = arrival.branch.take().map(Branch::discard);
            return None;
        }
        let core = &*self.core;
        let meter = &core.steps[self.number];
        let span_id = branch.next_span_id();
        let name = core.step_name(self.number);
        let span = spans::step(branch, name, span_id, arrival.waited, &arrival.links);
        let working = meter.start(replica.writer, &core.clock, at);
        let mut work = Work {
            runner: self,
            branch,
            replica,
            span: &span,
            span_id,
            attempt: 0,
            at,
        };
        let keeps = S::CONTRACT.attempts() > 1 || self.otherwise().keep().is_some();
        let worked = if keeps {
            work.attempts(state, message, own).await
        } else {
            work.attempt += 1;
            let worked = work.attempt(state, message, own).await;
            worked.map_err(|setback| (setback, None))
        };
        let (attempts, at) = (work.attempt, work.at);
        working.end(at);
        match worked {
            Ok(output) => {
                meter.succeeded(replica.writer);
                spans::step_done(&span, attempts);
                branch.go_behind(span, span_id, at);
                Some(output)
            }
            Err((Setback::Cancelled, _)) => {
                meter.cancelled();
                spans::step_cancelled(&span, attempts);
                let _ = arrival.branch.take().map(Branch::discard);
                None
            }
            Err((setback, kept)) => {
                let failure = self.failure(setback, attempts, branch);
                meter.failed(failure.kind());
                spans::step_failed(&span, &failure);
                branch.go_behind(span, span_id, at);
                let branch = arrival.branch.take()?;
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
    branch: &'a Branch,
    replica: &'a Replica,
    span: &'a Span,
    span_id: SpanId,
    attempt: usize,
    /// The time, as far as it is known.
    at: Tick,
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
            self.attempt += 1;
            let is_last = self.attempt >= most;
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
        let clock = &self.runner.core.clock;
        let scope = self.branch.scope();
        let deadline = scope.until.map(|until| clock.tick(until));
        let began = self.at;
        if deadline.is_some_and(|deadline| deadline <= began) {
            return Err(Setback::Deadline);
        }
        let until = || {
            let timeout = S::CONTRACT.timeout;
            let timeout = timeout.and_then(|time| clock.instant(began.plus(nanos(time))));
            [timeout, scope.until].into_iter().flatten().min()
        };
        let (own_context, own_span);
        // Where there are spans, each of several attempts has its own.
        let has_span = S::CONTRACT.attempts() > 1 && !self.span.is_disabled();
        let (context, span, span_id) = if has_span || S::CONTRACT.needs_context() {
            (own_span, own_context) = self.context(until());
            (&own_context, &own_span, own_context.trace.span_id())
        } else {
            (&self.replica.unasked, self.span, self.span_id)
        };
        let worked = {
            // An inline step runs while its future is made, so that is polled too.
            let mut attempt = pin!(async {
                if own.is_none() {
                    *own = S::own(state);
                }
                S::run(message, state, context, own).await
            });
            let trace = (&scope.journey().context, span_id);
            let mut poll = |task: &mut Context<'_>| guard(span, trace, attempt.as_mut(), task);
            match poll_fn(|task| Poll::Ready(poll(task))).await {
                Poll::Ready(done) => Bounded::Done(done),
                Poll::Pending => bounded_rest(poll_fn(poll), until(), scope.cancellation()).await,
            }
        };
        self.at = clock.now();
        let is_late = deadline.is_some_and(|deadline| deadline <= self.at);
        let result = match worked {
            // Nothing could interrupt an inline step, but its time was over.
            Bounded::Done(Ok(_)) if is_late => Err(Setback::Deadline),
            Bounded::Done(Ok(Attempted::Done(output))) => Ok(output),
            Bounded::Done(Ok(Attempted::Failed { error, may_retry })) => {
                Err(Setback::Error(error, may_retry))
            }
            Bounded::Done(Err(text)) => Err(Setback::Panic(text)),
            Bounded::Cancelled => Err(Setback::Cancelled),
            Bounded::TimedOut if until() == scope.until => Err(Setback::Deadline),
            Bounded::TimedOut => Err(Setback::Timeout),
        };
        if S::CONTRACT.attempts() > 1 {
            match &result {
                Ok(_) => spans::attempt_done(span),
                Err(setback) => spans::attempt_failed(span, setback.name(), &setback.text()),
            }
        }
        result
    }

    /// The context of this attempt, and its span. Of a step that tries once, the
    /// step's own is enough; of one that may try again, what an attempt calls
    /// hangs below it.
    fn context(&self, until: Option<Instant>) -> (Span, StepContext) {
        let (core, scope) = (&self.runner.core, self.branch.scope());
        let is_one_of_several = S::CONTRACT.attempts() > 1;
        let is_sampled = scope.journey().context.is_sampled();
        let span_id = if is_one_of_several && is_sampled {
            SpanId::random()
        } else {
            self.span_id
        };
        let context = StepContext {
            step: core.step_name(self.runner.number),
            trace: scope.journey().context.child(span_id),
            attempt: self.attempt,
            until,
            cancellation: Some(scope.cancellation()),
            deadline: scope.until,
            thread: Some(Arc::clone(&self.replica.thread)),
        };
        let span = if is_one_of_several {
            spans::attempt(self.span, &context, self.span_id)
        } else {
            self.span.clone()
        };
        (span, context)
    }

    /// Waits before the next attempt, but not past the deadline.
    async fn back_off(&mut self, retry: Retry) -> Result<(), Setback> {
        let scope = self.branch.scope();
        let wait = tokio::time::sleep(retry.draw(self.attempt + 1));
        let waited = bounded(wait, || scope.until, || scope.cancellation()).await;
        self.at = self.runner.core.clock.now();
        match waited {
            Bounded::Done(()) => Ok(()),
            Bounded::TimedOut => Err(Setback::Deadline),
            Bounded::Cancelled => Err(Setback::Cancelled),
        }
    }
}

impl Setback {
    fn name(&self) -> &'static str {
        match self {
            Self::Error(..) => FailureKind::Error.name(),
            Self::Timeout => FailureKind::Timeout.name(),
            Self::Panic(_) => "panic",
            Self::Deadline => FailureKind::Deadline.name(),
            Self::Cancelled => "cancelled",
        }
    }

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
    trace: &TraceContext,
    attempt: impl Future<Output = T>,
) -> Result<T, String> {
    let mut attempt = pin!(attempt);
    let trace = (trace, trace.span_id());
    poll_fn(|task| guard(span, trace, attempt.as_mut(), task)).await
}

/// The same, once. The context comes with the id of the span that is current.
fn guard<F: Future>(
    span: &Span,
    (trace, span_id): (&TraceContext, SpanId),
    attempt: Pin<&mut F>,
    task: &mut Context<'_>,
) -> Poll<Result<F::Output, String>> {
    let _entered = span.enter();
    let _current = current::enter(trace, span_id);
    match catch_unwind(AssertUnwindSafe(|| attempt.poll(task))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic_text(&*panic))),
    }
}
