//! One step's work on one message: attempts, timeouts, panics, and what becomes
//! of the outcome.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;
use tracing::Span;

use super::arrival::{Arrival, Asked, Work};
use super::guard::Guard;
use super::runner::{Replica, Runner};
use super::setback::Setback;
use super::{Attempted, Step, StepContext, WorkflowStep, bounded_rest};
use crate::fate::{Branch, catch};
use crate::message::SpanId;
use crate::state::Lent;
use crate::telemetry::{StepMeter, Tick, Working, nanos, spans};

/// What is left of an attempt: one type for all steps.
pub(super) type Rest<'a> = Pin<&'a mut (dyn Future<Output = Option<Box<Setback>>> + Send + 'a)>;

/// How long a step may hold its thread in one poll, in nanoseconds.
const LONG: u64 = 1_000_000;

impl<S: WorkflowStep> Runner<S> {
    /// Works on one message, which goes on behind the step if something comes
    /// back. What does not end well goes where failures go.
    ///
    /// It is one future that keeps little, takes the message from one place and
    /// puts the output into another: what is moved on the way costs more than most
    /// of what is done here.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async function moves its arguments once more"
    )]
    pub(crate) fn run<State>(
        &self,
        (state, replica): (&Lent<State>, &Replica),
        message: &mut Option<S::Input>,
        arrival: &mut Arrival,
        output: &mut Option<S::Output>,
        own: &mut Option<S::Own>,
    ) -> impl Future<Output = ()> + Send
    where
        S: Step<State>,
        State: Send + Sync + 'static,
    {
        async move {
            let (meter, clock) = (self.meter(), &self.core.clock);
            if !self.begin_work(meter, replica, arrival) {
                return;
            }
            let mut working = Working::begin(&self.core, self.number(), replica.writer, arrival.at);
            let mut attempt = 0;
            let (setback, kept) = loop {
                let (Some(input), Some(branch)) = (message.take(), &arrival.branch) else {
                    return;
                };
                attempt += 1;
                let kept = self.keep(attempt).map(|keep| keep(&input));
                let began = arrival.at;
                let deadline = branch.scope().until.map(|until| clock.tick(until));
                if deadline.is_some_and(|deadline| deadline <= began) {
                    break (Box::new(Setback::Deadline), kept);
                }
                arrival.asked = self.context(branch, replica, attempt, began, &arrival.work);
                let (context, span, span_id) = match &arrival.asked {
                    Some(Asked { context, span }) => (context, span, context.trace.span_id()),
                    None => (&replica.unasked, &arrival.work.span, arrival.work.span_id),
                };
                let guard = Guard {
                    span: span.as_ref(),
                    trace: &branch.journey().context,
                    span_id,
                };
                let mut land = |ended| match ended {
                    Ok(Attempted::Done(done)) => {
                        *output = Some(done);
                        None
                    }
                    // Behind a pointer, for the sake of what ends well.
                    ended => Some(Box::new(Setback::of(ended))),
                };
                let made = if Self::HAS_OWN && own.is_none() {
                    guard.run(|| *own = S::own(state))
                } else {
                    Ok(())
                };
                let mut is_in_one_poll = true;
                let setback = match made {
                    Err(text) => land(Err(text)),
                    // It runs while its future is made, and is done then.
                    Ok(()) if Self::IS_INLINE => {
                        land(guard.run(|| at_once(S::run(input, state, context, own))))
                    }
                    Ok(()) => {
                        let mut attempt = pin!(S::run(input, state, context, own));
                        let mut poll = |task: &mut Context<'_>| {
                            let ended = guard.poll(attempt.as_mut(), task);
                            ended.map(&mut land)
                        };
                        match poll_fn(|task| Poll::Ready(poll(task))).await {
                            Poll::Ready(setback) => setback,
                            Poll::Pending => {
                                is_in_one_poll = false;
                                let until = self.until(branch, began);
                                let cancellation = branch.scope().cancellation();
                                let rest: Rest<'_> = pin!(poll_fn(poll));
                                let ended = bounded_rest(rest, until, cancellation).await;
                                Setback::of_bounded(ended, until == branch.scope().until)
                            }
                        }
                    }
                };
                arrival.at = clock.now();
                if is_in_one_poll {
                    self.held_its_thread(began, arrival.at);
                }
                let is_late = deadline.is_some_and(|deadline| deadline <= arrival.at);
                let setback = in_time(setback, is_late, output);
                if Self::TRIES_AGAIN {
                    note_end(span.as_ref(), setback.as_deref());
                }
                arrival.asked = None;
                let Some(setback) = setback else {
                    working.is_counted();
                    end_well(meter, replica, arrival, attempt);
                    return;
                };
                if !Self::TRIES_AGAIN || attempt >= S::CONTRACT.attempts() {
                    break (setback, kept);
                }
                let (true, Some(retry), Some(_)) = (setback.may_retry(), S::CONTRACT.retry, &kept)
                else {
                    break (setback, kept);
                };
                let waited = self.wait_to_retry(retry, attempt, branch.scope()).await;
                arrival.at = clock.now();
                if let Err(instead) = waited {
                    break (instead.map_or(setback, Box::new), kept);
                }
                meter.retried();
                *message = kept;
            };
            working.is_counted();
            let fallen = self.fall_back(*setback, kept, attempt, replica, arrival);
            fallen.await;
        }
    }

    /// `false` if the message has no use for it any more.
    #[inline]
    pub(super) fn begin_work(
        &self,
        meter: &StepMeter,
        replica: &Replica,
        arrival: &mut Arrival,
    ) -> bool {
        let Some(branch) = &arrival.branch else {
            return false;
        };
        if branch.is_cancelled() {
            let _ = arrival.branch.take().map(Branch::discard);
            return false;
        }
        arrival.work.span_id = branch.span_id;
        arrival.work.began = arrival.at;
        // Where no spans are recorded there is only the message's own.
        if branch.journey().context.is_sampled() {
            let span_id = SpanId::random();
            let name = self.core.step_name(self.number());
            let span = spans::step(branch, name, span_id, arrival.waited, &arrival.links);
            arrival.work.span = Some(span);
            replica.post.is_at(branch.journey().context.trace_id());
            arrival.work.span_id = span_id;
        }
        meter.started(replica.writer);
        true
    }

    /// What becomes of a message that the step has not done.
    pub(super) async fn fall_back(
        &self,
        setback: Setback,
        kept: Option<S::Input>,
        attempts: usize,
        replica: &Replica,
        arrival: &mut Arrival,
    ) {
        let work = std::mem::replace(&mut arrival.work, Work::NONE);
        self.meter()
            .stopped(replica.writer, arrival.at.since(work.began));
        let Some(mut branch) = arrival.branch.take() else {
            return;
        };
        let span = work.span.unwrap_or_else(Span::none);
        if matches!(setback, Setback::Cancelled) {
            replica.post.is_done();
            self.meter().cancelled();
            spans::step_cancelled(&span, attempts);
            let _ = branch.discard();
            return;
        }
        let failure = self.failure(setback, attempts, &branch);
        self.meter().failed(failure.kind());
        replica.post.failed(&failure);
        spans::step_failed(&span, &failure);
        branch.go_behind(span, work.span_id, arrival.at);
        let kept = kept.map(S::kept);
        let delivery = self.otherwise().handle(&self.core, kept, failure, branch);
        delivery.complete().await;
    }

    /// Nothing else could run on the thread meanwhile: says so, once in a while, if
    /// that was long.
    #[inline]
    pub(super) fn held_its_thread(&self, from: Tick, to: Tick) {
        if to.since(from) > LONG {
            self.held_it_long(from, to);
        }
    }

    #[cold]
    fn held_it_long(&self, from: Tick, to: Tick) {
        // In a boundary it has a thread to hold.
        if !self.core.is_apart(self.number()) && self.meter().says_held(to) {
            let name = self.core.step_name(self.number());
            // Whoever is told may break, and the step has nothing to do with that.
            let _ = catch(|| spans::thread_held(self.core.name, name, to.since(from)));
        }
    }

    /// When an attempt that began at `began` ends: by the step's timeout, or by
    /// the message's deadline.
    pub(super) fn until(&self, branch: &Branch, began: Tick) -> Option<Instant> {
        let clock = &self.core.clock;
        let timeout = S::CONTRACT.timeout;
        let timeout = timeout.and_then(|time| clock.instant(began.plus(nanos(time))));
        [timeout, branch.scope().until].into_iter().flatten().min()
    }

    /// The context of an attempt, and its span, if somebody looks at it: the step,
    /// or whoever looks at the spans of attempts. Of a step that tries once, the
    /// step's own span is enough; of one that may try again, what an attempt calls
    /// hangs below it.
    pub(super) fn context(
        &self,
        branch: &Branch,
        replica: &Replica,
        attempt: usize,
        began: Tick,
        work: &Work,
    ) -> Option<Asked> {
        let is_one_of_several = S::CONTRACT.attempts() > 1 && work.span.is_some();
        if !S::CONTRACT.needs_context() && !is_one_of_several {
            return None;
        }
        let scope = branch.scope();
        let span_id = if is_one_of_several {
            SpanId::random()
        } else {
            work.span_id
        };
        let context = StepContext {
            step: self.core.step_name(self.number()),
            trace: scope.journey().context.child(span_id),
            attempt,
            until: self.until(branch, began),
            cancellation: Some(scope.cancellation()),
            deadline: scope.until,
            thread: Some(Arc::clone(&replica.thread)),
            held: self.core.held(self.number()),
        };
        let span = work.span.as_ref().map(|span| {
            if is_one_of_several {
                spans::attempt(span, &context, work.span_id)
            } else {
                span.clone()
            }
        });
        Some(Asked { context, span })
    }
}

/// The message goes on behind the step.
#[inline]
pub(super) fn end_well(
    meter: &StepMeter,
    replica: &Replica,
    arrival: &mut Arrival,
    attempts: usize,
) {
    let (Some(branch), work, at) = (&mut arrival.branch, &mut arrival.work, arrival.at) else {
        return;
    };
    meter.stopped(replica.writer, at.since(work.began));
    meter.succeeded(replica.writer);
    match work.span.take() {
        None => branch.go_on(work.span_id, at),
        Some(span) => {
            replica.post.is_done();
            spans::step_done(&span, attempts);
            branch.go_behind(span, work.span_id, at);
        }
    }
}

/// The attempt that the span is of is over.
pub(super) fn note_end(span: Option<&Span>, setback: Option<&Setback>) {
    let failed = setback.map(|setback| (setback.name(), setback.text()));
    let failed = failed.as_ref().map(|(kind, text)| (*kind, text.as_str()));
    spans::attempt_over(span, failed);
}

/// What it came to, if that was in time.
#[inline]
fn in_time<T>(
    setback: Option<Box<Setback>>,
    is_late: bool,
    output: &mut Option<T>,
) -> Option<Box<Setback>> {
    if is_late {
        too_late(setback, output)
    } else {
        setback
    }
}

/// Nothing could interrupt an inline step, but its time was over; and what a step
/// that could be interrupted did at the same moment counts no more.
#[cold]
fn too_late<T>(setback: Option<Box<Setback>>, output: &mut Option<T>) -> Option<Box<Setback>> {
    *output = None;
    match setback.as_deref() {
        None | Some(Setback::Error(..)) => Some(Box::new(Setback::Deadline)),
        _ => setback,
    }
}

/// What a step comes to that is done as soon as it has begun.
pub(super) fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("an inline step waits for nothing"),
    }
}
