//! Messages that go straight through a task.
//!
//! Most steps ask for nothing but their message, and about most messages nothing is
//! out of the ordinary: nobody looks at their spans, they have no end in time, and
//! are not tried again. Those that somebody looks at go the same way, one by one. What
//! [`run`](super::run) does for all others is several times as much as what is left to
//! do for these.

use std::convert::Infallible;
use std::future::{Future, pending, poll_fn};
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use tracing::Span;

use super::arrival::Arrival;
use super::guard::Guard;
use super::process::Called;
use super::run::{Rest, at_once};
use super::runner::{Replica, Runner};
use super::setback::Setback;
use super::{Attempted, Step, Takes, WorkflowStep, bounded, bounded_rest};
use crate::fate::{Branch, catch};
use crate::message::SpanId;
use crate::state::Lent;
use crate::telemetry::{Links, Tick, Working, Writer, spans};

/// A way through the steps of one replica, for one message after the other.
pub trait Straight: Send + 'static {
    /// The steps.
    type Work;
    type Input: 'static;
    type Output: 'static;
    /// Whether one look at the clock will do for several messages.
    const IS_TIMED_TOGETHER: bool;

    /// Whether messages that somebody looks at can go this way.
    const SHOWS: bool = false;

    /// A message that has waited for so many nanoseconds is one of these.
    fn show(&self, _: &Self::Work, _: &Branch, _waited: u64, _: &Replica) -> Option<Shown> {
        None
    }

    /// What comes of a message in one poll, which begins at `at`; nothing if there is
    /// a [rest](Self::rest). All of the way is in one [guard], which is entered once.
    fn pass(
        &mut self,
        work: &Self::Work,
        message: Self::Input,
        on: (&Branch, Tick),
        task: &mut Context<'_>,
        output: &mut Option<Self::Output>,
    );

    /// The message panicked where it passed.
    fn panicked(&mut self, text: String);

    /// So many messages came through from then until then.
    fn took(&mut self, work: &Self::Work, messages: u32, from: Tick, to: Tick);

    /// What comes of the message that is still inside, if anything goes on.
    fn rest(
        &mut self,
        work: &Self::Work,
        inside: Inside,
        replica: &Replica,
    ) -> impl Future<Output = Option<(Self::Output, Branch)>> + Send;

    /// What time it is.
    fn now(work: &Self::Work) -> Tick;
}

/// Through one step.
pub(super) struct Through<S, T, B, F> {
    make: B,
    /// It borrows what is lent, and is dropped before that.
    attempt: Pin<Box<Option<F>>>,
    lent: Arc<Lent<T>>,
    /// Why it brought nothing.
    setback: Option<Box<Setback>>,
    step: PhantomData<fn() -> S>,
}

/// A message that is still in a step.
pub struct Inside {
    pub(super) branch: Branch,
    pub(super) shown: Option<Shown>,
    /// Since when. Behind others of its group that is not known: then it is when its
    /// first poll was over.
    pub(super) began: Tick,
    /// When its last poll was over.
    pub(super) at: Tick,
    /// Whether its own task is the one to be woken.
    pub(super) is_at_home: bool,
}

/// The span of a step's work on a message that somebody looks at.
pub struct Shown {
    span: Span,
    span_id: SpanId,
}

impl Shown {
    /// The branch goes on behind it, at that time.
    pub(super) fn leads(self, branch: &mut Branch, at: Tick) {
        spans::step_done(&self.span, 1);
        branch.go_behind(self.span, self.span_id, at);
    }
}

impl<S: WorkflowStep> Runner<S> {
    /// Whether there is a way through this step.
    pub(super) fn goes_straight(&self) -> bool {
        S::IS_ON_STATE && !Self::TRIES_AGAIN && self.keep(1).is_none()
    }

    /// The way through this step.
    pub(super) fn through<State>(
        lent: Lent<State>,
    ) -> impl Straight<Work = Self, Input = S::Input, Output = S::Output>
    where
        S: Step<State>,
        State: Send + Sync + 'static,
    {
        made_by(lent, |message, state| S::on(message, state))
    }
}

fn made_by<S, T: 'static, B, F>(lent: Lent<T>, make: B) -> Through<S, T, B, F>
where
    S: WorkflowStep,
    B: Fn(S::Input, &'static Lent<T>) -> F,
{
    Through {
        make,
        attempt: Box::pin(None),
        lent: Arc::new(lent),
        setback: None,
        step: PhantomData,
    }
}

impl<S, T, B, F> Straight for Through<S, T, B, F>
where
    S: WorkflowStep,
    T: Send + Sync + 'static,
    B: Fn(S::Input, &'static Lent<T>) -> F + Send + 'static,
    F: Future<Output = Attempted<S::Output>> + Send + 'static,
{
    type Work = Runner<S>;
    type Input = S::Input;
    type Output = S::Output;
    const IS_TIMED_TOGETHER: bool = true;
    const SHOWS: bool = true;

    fn show(
        &self,
        runner: &Runner<S>,
        branch: &Branch,
        waited: u64,
        replica: &Replica,
    ) -> Option<Shown> {
        let (core, number) = (&runner.core, runner.number());
        let (name, span_id) = (core.step_name(number), SpanId::random());
        let span = spans::step(branch, name, span_id, Some(waited), &Links::NONE);
        replica.post.is_at(branch.journey().context.trace_id());
        Some(Shown { span, span_id })
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn pass(
        &mut self,
        runner: &Runner<S>,
        message: S::Input,
        _: (&Branch, Tick),
        task: &mut Context<'_>,
        output: &mut Option<S::Output>,
    ) {
        runner.meter().started(Writer::Alone);
        let state = self.state();
        let (attempt, make) = (&mut self.attempt, &self.make);
        let polled = if Runner::<S>::IS_INLINE {
            // It runs while its future is made, and is done then.
            Poll::Ready(at_once(make(message, state)))
        } else {
            attempt.set(Some(make(message, state)));
            match attempt.as_mut().as_pin_mut() {
                Some(attempt) => attempt.poll(task),
                None => Poll::Pending,
            }
        };
        match polled {
            // Put in place here: what is moved on costs more than all the rest.
            Poll::Ready(Attempted::Done(done)) => *output = Some(done),
            Poll::Ready(ended @ Attempted::Failed(_)) => return self.fails(ended),
            Poll::Pending => return,
        }
        if !Runner::<S>::IS_INLINE {
            self.attempt.set(None);
        }
        runner.meter().passed();
    }

    #[cold]
    fn panicked(&mut self, text: String) {
        // What it said itself comes first.
        self.setback
            .get_or_insert_with(|| Box::new(Setback::Panic(text)));
        self.attempt.set(None);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn took(&mut self, runner: &Runner<S>, messages: u32, from: Tick, to: Tick) {
        runner.held_its_thread(from, to);
        runner.meter().took(messages, to.since(from));
    }

    async fn rest(
        &mut self,
        runner: &Runner<S>,
        inside: Inside,
        replica: &Replica,
    ) -> Option<(S::Output, Branch)> {
        let Inside {
            branch,
            shown,
            began,
            mut at,
            is_at_home,
        } = inside;
        runner.held_its_thread(began, at);
        let setback = if let Some(setback) = self.setback.take() {
            setback
        } else {
            let mut working = Working::begin(&runner.core, runner.number(), Writer::Alone, began);
            let context = &branch.journey().context;
            let is_sampled = context.is_sampled();
            if is_sampled {
                replica.post.is_at(context.trace_id());
            }
            let mut output = None;
            let until = runner.until(&branch, began);
            let cancellation = branch.scope().cancellation();
            let ended = {
                let guard = guard(&branch, shown.as_ref());
                let held = Begun(&mut self.attempt);
                let rest: Rest<'_> = pin!(poll_fn(|task| {
                    let Some(attempt) = held.0.as_mut().as_pin_mut() else {
                        return Poll::Pending;
                    };
                    guard.poll(attempt, task).map(|ended| match ended {
                        Ok(Attempted::Done(done)) => {
                            output = Some(done);
                            None
                        }
                        ended => Some(Box::new(Setback::of(ended))),
                    })
                }));
                if is_at_home {
                    bounded_rest(rest, until, cancellation).await
                } else {
                    bounded(rest, || until, || cancellation).await
                }
            };
            at = runner.core.clock.now();
            working.is_counted();
            match (Setback::of_bounded(ended, false), output) {
                (None, Some(output)) => {
                    if is_sampled {
                        replica.post.is_done();
                    }
                    let meter = runner.meter();
                    meter.passed();
                    meter.took(1, at.since(began));
                    let mut branch = branch.from(at);
                    if let Some(shown) = shown {
                        shown.leads(&mut branch, at);
                    }
                    return Some((output, branch));
                }
                (setback, _) => setback?,
            }
        };
        let mut arrival = Arrival::called(branch);
        arrival.fails(began, at);
        if let Some(Shown { span, span_id }) = shown {
            arrival.work.span = Some(span);
            arrival.work.span_id = span_id;
        }
        let fallen = runner.fall_back(*setback, None, 1, replica, &mut arrival);
        fallen.await;
        None
    }

    #[inline]
    fn now(runner: &Runner<S>) -> Tick {
        runner.core.clock.now()
    }
}

impl<S: WorkflowStep, T: 'static, B, F> Through<S, T, B, F> {
    /// What an attempt borrows, whose type says for how long: the way with both goes from
    /// one task to another, as what borrows from elsewhere could not. An attempt that
    /// has a share of its own instead costs a fifth of a hop.
    #[expect(unsafe_code, reason = "no type says that it borrows from beside it")]
    fn state(&self) -> &'static Lent<T> {
        // SAFETY: what an `Arc` points to stays where it is as long as there is one, and
        // this one is neither replaced nor let go of before `attempt`, which is declared
        // before it, is dropped. The reference goes nowhere else: `Step::on` takes it for
        // any lifetime, so that what implements it cannot keep it for longer than its
        // future, and what comes of that, a type of its own, borrows nothing.
        unsafe { &*Arc::as_ptr(&self.lent) }
    }

    /// The attempt has not ended well.
    #[cold]
    fn fails(&mut self, ended: Attempted<S::Output>) {
        self.setback = Some(Box::new(Setback::of(Ok(ended))));
        self.attempt.set(None);
    }
}

/// An attempt that is let go of when this is dropped: before its message is.
struct Begun<'a, F>(&'a mut Pin<Box<Option<F>>>);

impl<F> Drop for Begun<'_, F> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

/// What came of a step that panicked behind it, and may panic too.
#[cold]
pub(super) fn is_gone<T>(output: &mut Option<T>) {
    let _ = catch(|| *output = None);
}

/// Where a message passes.
#[inline]
pub(super) fn guard<'a>(branch: &'a Branch, shown: Option<&'a Shown>) -> Guard<'a> {
    Guard {
        span: shown.map(|shown| &shown.span),
        trace: &branch.journey().context,
        span_id: shown.map_or(branch.span_id, |shown| shown.span_id),
    }
}

/// Through steps of which the second takes, as `S`, what the first hands on.
pub(super) struct Calling<S, A, B> {
    first: A,
    second: B,
    place: Place,
    /// When the second began.
    between: Tick,
    step: PhantomData<fn() -> S>,
}

/// Where a message is that has not come through.
#[derive(Clone, Copy)]
enum Place {
    First,
    /// Its message has no use for the second step any more.
    Between,
    Second,
}

impl<S, A, B> Calling<S, A, B> {
    pub(super) fn new(first: A, second: B) -> Self {
        Self {
            first,
            second,
            place: Place::First,
            between: Tick::ZERO,
            step: PhantomData,
        }
    }
}

impl<S, A, B> Straight for Calling<S, A, B>
where
    S: Takes<A::Output>,
    A: Straight<Output: Send, Work: Sync>,
    B: Straight<Input = S::Input, Output: Send, Work: Sync>,
{
    type Work = Called<A::Work, S, B::Work>;
    type Input = A::Input;
    type Output = B::Output;
    /// Which step it was that took long is known by the time between them.
    const IS_TIMED_TOGETHER: bool = false;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn pass(
        &mut self,
        work: &Self::Work,
        message: A::Input,
        (branch, at): (&Branch, Tick),
        task: &mut Context<'_>,
        output: &mut Option<B::Output>,
    ) {
        self.place = Place::First;
        let (mut passed, first) = (None, &work.first);
        self.first
            .pass(first, message, (branch, at), task, &mut passed);
        let Some(passed) = passed else {
            return;
        };
        self.between = A::now(first);
        self.first.took(first, 1, at, self.between);
        if branch.is_cancelled() {
            self.place = Place::Between;
            return;
        }
        self.place = Place::Second;
        let (passed, on) = (S::take(passed), (branch, self.between));
        self.second.pass(&work.second, passed, on, task, output);
    }

    #[cold]
    fn panicked(&mut self, text: String) {
        match self.place {
            Place::First => self.first.panicked(text),
            // Nobody has a use for what was let go of.
            Place::Between => {}
            Place::Second => self.second.panicked(text),
        }
    }

    #[inline]
    fn took(&mut self, work: &Self::Work, messages: u32, _: Tick, to: Tick) {
        self.second.took(&work.second, messages, self.between, to);
    }

    async fn rest(
        &mut self,
        work: &Self::Work,
        mut inside: Inside,
        replica: &Replica,
    ) -> Option<(B::Output, Branch)> {
        debug_assert!(inside.shown.is_none(), "those do not go this way");
        match self.place {
            Place::First => {
                let rest = self.first.rest(&work.first, inside, replica);
                let (passed, branch) = rest.await?;
                let (mut passed, mut output) = (Some(passed), None);
                self.between = branch.at;
                poll_fn(|task| {
                    if let Some(passed) = passed.take().filter(|_| !branch.is_cancelled()) {
                        self.place = Place::Second;
                        let landed = guard(&branch, None).run(|| {
                            let (passed, on) = (S::take(passed), (&branch, self.between));
                            self.second
                                .pass(&work.second, passed, on, task, &mut output);
                        });
                        if let Err(text) = landed {
                            self.second.panicked(text);
                            is_gone(&mut output);
                        }
                    }
                    Poll::Ready(())
                })
                .await;
                let at = B::now(&work.second);
                if let Some(output) = output {
                    self.second.took(&work.second, 1, self.between, at);
                    return Some((output, branch.from(at)));
                }
                if matches!(self.place, Place::First) {
                    let _ = branch.discard();
                    return None;
                }
                inside = Inside {
                    branch,
                    shown: None,
                    began: self.between,
                    at,
                    is_at_home: true,
                };
            }
            Place::Between => {
                let _ = inside.branch.discard();
                return None;
            }
            Place::Second => inside.began = self.between,
        }
        self.second.rest(&work.second, inside, replica).await
    }

    #[inline]
    fn now(work: &Self::Work) -> Tick {
        A::now(&work.first)
    }
}

/// There is no way.
pub(super) struct NoWay<W, I, O>(Infallible, PhantomData<fn(W, I) -> O>);

impl<W: 'static, I: Send + 'static, O: Send + 'static> Straight for NoWay<W, I, O> {
    type Work = W;
    type Input = I;
    type Output = O;
    const IS_TIMED_TOGETHER: bool = false;

    fn pass(&mut self, _: &W, _: I, _: (&Branch, Tick), _: &mut Context<'_>, _: &mut Option<O>) {
        match self.0 {}
    }

    fn panicked(&mut self, _: String) {
        match self.0 {}
    }

    fn took(&mut self, _: &W, _: u32, _: Tick, _: Tick) {
        match self.0 {}
    }

    fn rest(
        &mut self,
        _: &W,
        _: Inside,
        _: &Replica,
    ) -> impl Future<Output = Option<(O, Branch)>> + Send {
        match self.0 {}
        #[expect(unreachable_code, reason = "its type has to be said")]
        pending()
    }

    fn now(_: &W) -> Tick {
        Tick::ZERO
    }
}
