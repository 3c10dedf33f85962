//! The work on one batch: attempts, and what becomes of each message.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::Span;

use super::{Batched, Batches};
use crate::edge::{Queue, Taken};
use crate::fate::{Branch, Cancellation, Delivery};
use crate::message::{SpanId, TraceContext};
use crate::state::Lent;
use crate::step::guard::Guard;
use crate::step::runner::Runner;
use crate::step::{Attempted, Failure, FailureKind, Retry, Step, StepContext};
use crate::telemetry::{Working, Writer, nanos, spans};

/// One message of a batch.
pub(super) struct Member<S: Batches> {
    message: S::Item,
    place: Place,
}

/// Where a message is while its batch is worked on.
struct Place {
    branch: Branch,
    span: Span,
    span_id: SpanId,
}

impl<S: Batches> Member<S> {
    pub(super) fn begin(queue: &Queue<Batched<S>>, taken: Taken<S::Item>) -> Self {
        let span_id = SpanId::random();
        let name = queue.core().step_name(queue.number());
        let waited = Some(taken.waited);
        let span = spans::step(&taken.branch, name, span_id, waited, &taken.links);
        Self {
            message: taken.message,
            place: Place {
                branch: taken.branch,
                span,
                span_id,
            },
        }
    }
}

/// How an attempt at a batch ended.
enum Outcome<T> {
    Done(Vec<Attempted<T>>),
    /// The same for every message.
    Failed(Failure, bool),
    /// Nobody waits for any of it any more.
    Cancelled,
}

/// The attempts at one batch.
pub(super) struct Work<'a, S: Batches> {
    queue: &'a Queue<Batched<S>>,
    thread: &'a Arc<Semaphore>,
    messages: Vec<S::Item>,
    /// By the position of the message; `None` for one that has failed since.
    places: Vec<Option<Place>>,
    attempt: usize,
    /// What is still to be done.
    delivery: Delivery,
    hand_on: &'a (dyn Fn(S::Each, Branch) -> Delivery + Send + Sync),
}

impl<'a, S: Batches> Work<'a, S> {
    pub(super) fn new(
        queue: &'a Queue<Batched<S>>,
        thread: &'a Arc<Semaphore>,
        members: Vec<Member<S>>,
        hand_on: &'a (dyn Fn(S::Each, Branch) -> Delivery + Send + Sync),
    ) -> Self {
        let (messages, places) = members
            .into_iter()
            .map(|member| (member.message, Some(member.place)))
            .unzip();
        Self {
            queue,
            thread,
            messages,
            places,
            attempt: 0,
            delivery: Delivery::DONE,
            hand_on,
        }
    }

    /// Tries until every message has ended well, may not be tried again, or was
    /// tried for the last time.
    pub(super) async fn run<State>(
        &mut self,
        state: &Lent<State>,
        own: &mut Option<S::Own>,
    ) -> Delivery
    where
        S: Step<State>,
        State: Send + Sync + 'static,
    {
        let core = self.queue.core();
        let (step, at) = (self.queue.number(), core.clock.now());
        let working = |_| {
            core.steps[step].started(Writer::OneOfSeveral);
            Working::begin(core, step, Writer::OneOfSeveral, at)
        };
        let _working: Vec<Working> = self.places.iter().map(working).collect();
        while !self.messages.is_empty() {
            self.attempt += 1;
            let is_last = self.attempt >= S::CONTRACT.attempts();
            let messages = std::mem::take(&mut self.messages);
            let copies = self.copies(&messages, is_last);
            if own.is_none() {
                *own = Runner::<S>::make(state);
            }
            let outcome = self.attempt(state, messages, own).await;
            let again = self.sort_out(outcome, copies, is_last);
            if let Some(retry) = S::CONTRACT.retry
                && !again.is_empty()
            {
                if self.wait_to_retry(retry).await {
                    self.keep(again);
                } else {
                    self.give_up(again);
                }
            }
        }
        std::mem::replace(&mut self.delivery, Delivery::DONE)
    }

    /// Copies of the messages, if a failure or another attempt needs them.
    fn copies(&self, messages: &Vec<S::Item>, is_last: bool) -> Option<Vec<S::Item>> {
        if !is_last {
            return S::copy(messages);
        }
        let keep = self.queue.policy().keep()?;
        Some(messages.iter().map(keep).collect())
    }

    /// One attempt, within the step's timeout. Messages whose own time is over
    /// fail meanwhile.
    async fn attempt<State>(
        &mut self,
        state: &Lent<State>,
        messages: Vec<S::Item>,
        own: &mut Option<S::Own>,
    ) -> Outcome<S::Each>
    where
        S: Step<State>,
    {
        let sent = messages.len();
        let name = self.queue.core().step_name(self.queue.number());
        let until = S::CONTRACT.timeout.map(|timeout| Instant::now() + timeout);
        let is_sampled = self
            .places()
            .any(|place| place.branch.journey().context.is_sampled());
        let context = StepContext {
            step: name,
            trace: TraceContext::root().with_sampled(is_sampled),
            attempt: self.attempt,
            until,
            cancellation: Some(Arc::default()),
            deadline: None,
            thread: Some(Arc::clone(self.thread)),
            held: self.queue.core().held(self.queue.number()),
        };
        let members = self.places().map(|place| &place.span);
        let span = spans::batch(&context, sent, members);
        let cancellation = context.cancellation.clone().unwrap_or_default();
        let stopped = Stopped(&cancellation);
        let attempt = async { S::run(S::batch(messages), state, &context, own).await };
        let worked = self
            .wait(Guard::of(Some(&span), &context.trace).wait(attempt), until)
            .await;
        drop(stopped);
        let (outcome, text) = match worked {
            Waited::Done(Ok(Attempted::Done(output))) => {
                (Outcome::Done(S::results(output, sent)), None)
            }
            Waited::Done(Ok(Attempted::Failed(failed))) => {
                let text = failed.error.to_string();
                let failure = self.failure(FailureKind::Error).with_error(failed.error);
                (
                    Outcome::Failed(failure, failed.may_retry),
                    Some(("error", text)),
                )
            }
            Waited::Done(Err(text)) => {
                let failure = self.failure(FailureKind::Panic(text.clone()));
                (Outcome::Failed(failure, false), Some(("panic", text)))
            }
            Waited::TimedOut => {
                let failure = self.failure(FailureKind::Timeout);
                (
                    Outcome::Failed(failure, true),
                    Some(("timeout", "took too long".to_owned())),
                )
            }
            Waited::Alone => (
                Outcome::Cancelled,
                Some(("cancelled", "cancelled".to_owned())),
            ),
        };
        let failed = text.as_ref().map(|(kind, text)| (*kind, text.as_str()));
        spans::attempt_over(Some(&span), failed);
        outcome
    }

    /// Hands on what ended well, fails what may not be tried again, and returns
    /// the rest, by position.
    fn sort_out(
        &mut self,
        outcome: Outcome<S::Each>,
        copies: Option<Vec<S::Item>>,
        is_last: bool,
    ) -> Vec<Again<S>> {
        let results: Vec<Result<S::Each, (Failure, bool)>> = match outcome {
            Outcome::Done(results) => results
                .into_iter()
                .map(|result| match result {
                    Attempted::Done(each) => Ok(each),
                    Attempted::Failed(failed) => {
                        let failure = self.failure(FailureKind::Error).with_error(failed.error);
                        Err((failure, failed.may_retry))
                    }
                })
                .collect(),
            Outcome::Failed(failure, may_retry) => self
                .places
                .iter()
                .map(|_| Err((failure.clone(), may_retry)))
                .collect(),
            Outcome::Cancelled => Vec::new(),
        };
        let mut copies = copies.into_iter().flatten();
        let mut again = Vec::new();
        for (position, result) in results.into_iter().enumerate() {
            let copy = copies.next();
            match (result, copy) {
                (Ok(each), _) => self.succeed(position, each),
                (Err((failure, true)), Some(message)) if !is_last => {
                    if self.places[position].is_some() {
                        again.push(Again {
                            position,
                            message,
                            failure,
                        });
                    }
                }
                (Err((failure, _)), copy) => self.fail(position, failure, copy),
            }
        }
        // What is left of a batch that was cancelled.
        let kept: Vec<_> = again.iter().map(|again| again.position).collect();
        for position in 0..self.places.len() {
            if !kept.contains(&position)
                && let Some(place) = self.places[position].take()
            {
                self.cancel(place);
            }
        }
        again
    }

    /// Only these messages are tried again.
    fn keep(&mut self, again: Vec<Again<S>>) {
        let meter = &self.queue.core().steps[self.queue.number()];
        let mut places = Vec::new();
        for Again {
            position, message, ..
        } in again
        {
            let Some(place) = self.places[position].take() else {
                continue;
            };
            if place.branch.is_cancelled() {
                self.cancel(place);
                continue;
            }
            meter.retried();
            self.messages.push(message);
            places.push(Some(place));
        }
        self.places = places;
    }

    /// There is no other attempt at these messages.
    fn give_up(&mut self, again: Vec<Again<S>>) {
        for again in again {
            self.fail(again.position, again.failure, Some(again.message));
        }
    }

    fn succeed(&mut self, position: usize, output: S::Each) {
        let Some(place) = self.places[position].take() else {
            return;
        };
        if place.branch.is_cancelled() {
            return self.cancel(place);
        }
        self.queue.core().steps[self.queue.number()].succeeded(Writer::OneOfSeveral);
        spans::step_done(&place.span, self.attempt);
        let ended = self.queue.core().clock.now();
        let mut branch = place.branch;
        branch.go_behind(place.span, place.span_id, ended);
        let handed_on = (self.hand_on)(output, branch);
        self.deliver(handed_on);
    }

    fn fail(&mut self, position: usize, failure: Failure, copy: Option<S::Item>) {
        let Some(place) = self.places[position].take() else {
            return;
        };
        if place.branch.is_cancelled() {
            return self.cancel(place);
        }
        let core = self.queue.core();
        core.steps[self.queue.number()].failed(failure.kind());
        spans::step_failed(&place.span, &failure);
        let ended = self.queue.core().clock.now();
        let mut branch = place.branch;
        branch.go_behind(place.span, place.span_id, ended);
        let handled = self.queue.policy().handle(core, copy, failure, branch);
        self.deliver(handled);
    }

    fn cancel(&mut self, place: Place) {
        self.queue.core().steps[self.queue.number()].cancelled();
        spans::step_cancelled(&place.span, self.attempt);
        let ended = place.branch.discard();
        self.deliver(ended);
    }

    fn deliver(&mut self, next: Delivery) {
        let all = std::mem::replace(&mut self.delivery, Delivery::DONE);
        self.delivery = all.and(next);
    }

    fn failure(&self, kind: FailureKind) -> Failure {
        let core = self.queue.core();
        let step = core.step_name(self.queue.number());
        Failure::new(kind, core.name, step, self.attempt)
    }

    fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().flatten()
    }

    /// Waits before the next attempt, and for the step's rate, together no longer
    /// than the backoff's cap; messages whose time is over fail meanwhile. `false` if
    /// the rate allows no attempt by then.
    async fn wait_to_retry(&mut self, retry: Retry) -> bool {
        let (core, step) = (self.queue.core(), self.queue.number());
        let latest = core.clock.now().plus(nanos(retry.to));
        self.wait(sleep(retry.draw(self.attempt + 1)), None).await;
        let Some(limiter) = &core.limiters[step] else {
            return true;
        };
        let next = limiter.reserve(core.clock.now(), latest);
        let next = next.and_then(|next| core.clock.instant(next));
        if let Some(next) = next {
            self.wait(sleep_until(next), None).await;
        }
        next.is_some()
    }

    /// Waits for `work`, until `until`, and as long as anybody waits for a
    /// message of the batch. Work is polled once before any timer is armed.
    async fn wait<T>(
        &mut self,
        work: impl Future<Output = T>,
        until: Option<Instant>,
    ) -> Waited<T> {
        let mut work = pin!(work);
        let ready = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
        if let Poll::Ready(output) = ready {
            return Waited::Done(output);
        }
        loop {
            let deadlines = self.places().filter_map(|place| place.branch.scope().until);
            let next = deadlines.chain(until).min();
            let mut time = pin!(next.map(sleep_until));
            let mut cancelled = self.cancelled();
            let waited = poll_fn(|context| {
                if cancelled.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Some(Waited::Alone));
                }
                if let Poll::Ready(output) = work.as_mut().poll(context) {
                    return Poll::Ready(Some(Waited::Done(output)));
                }
                let time = time.as_mut().as_pin_mut();
                match time.map(|time| time.poll(context)) {
                    Some(Poll::Ready(())) => Poll::Ready(None),
                    _ => Poll::Pending,
                }
            });
            if let Some(waited) = waited.await {
                return waited;
            }
            let now = Instant::now();
            if until.is_some_and(|until| until <= now) {
                return Waited::TimedOut;
            }
            self.fail_late(now);
        }
    }

    /// Fails the messages whose own time is over.
    fn fail_late(&mut self, now: Instant) {
        for position in 0..self.places.len() {
            let place = self.places[position].as_ref();
            let late = place.and_then(|place| place.branch.scope().lateness(now));
            if let Some(kind) = late {
                let failure = self.failure(kind);
                self.fail(position, failure, None);
            }
        }
    }

    /// Waits until every message is cancelled, or has failed.
    fn cancelled(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let all: Vec<Arc<Cancellation>> = self
            .places()
            .map(|place| place.branch.scope().cancellation())
            .collect();
        Box::pin(async move {
            for cancellation in all {
                cancellation.cancelled().await;
            }
        })
    }
}

/// A message that may be tried again, and what the last attempt came to.
struct Again<S: Batches> {
    position: usize,
    message: S::Item,
    failure: Failure,
}

/// How a wait ended.
enum Waited<T> {
    Done(T),
    TimedOut,
    /// Nobody waits for any message of the batch.
    Alone,
}

/// Tells a thread that is still at work when nobody waits for it any more.
struct Stopped<'a>(&'a Cancellation);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
