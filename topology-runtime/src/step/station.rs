//! Where a task works on messages that nothing is out of the ordinary with: its own
//! from its queue, and others' that they bring along while it sleeps.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Step;
use super::onward::Onward;
use super::process::Process;
use super::runner::Replica;
use super::serve::Shared;
use super::straight::{Inside, Shown, Straight, guard, is_gone};
use crate::edge::{DEEPEST, Handed, Held, Inbox, Item, Station};
use crate::fate::{Branch, Delivery, panic_text};
use crate::supervisor::turn::{self, Turn};
use crate::telemetry::{Tick, does_somebody_listen};
use crate::topology::Topology;

/// A task's station.
pub(super) struct Here<T, S, W, F, Y>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State>,
    F: Onward<T::Edges, W::Output>,
{
    shared: Arc<Shared<T, S, W, F>>,
    replica: Arc<Replica>,
    way: Y,
    /// The station of whoever is next, or those that end here.
    next: F::Next,
    /// What the task has to wait for.
    rest: Option<Stop>,
    pace: Pace,
    /// How many may be in the next group.
    most: u32,
    /// What a visitor has brought that has its places.
    brought: Option<Held<S>>,
    /// Whether nothing else could run meanwhile anyway.
    is_on_one_thread: bool,
}

/// Why no further message goes straight through now.
enum Stop {
    /// What came of one has to wait.
    Waits(Delivery),
    /// One is still in a step, and what came of those before it may have to wait.
    Inside(Inside, Delivery),
}

/// Messages for which the clock is looked at once. There are twice as many as before
/// if those took so little that these will take less than anything is measured in.
///
/// All of a group begin, and are handed on, when the first of them begins. If a group
/// turns out to take longer, that is one message's time, and all of it were handed on
/// at its end: no message has less time than it is given, but for a microsecond.
struct Group {
    /// When the first of them began.
    since: Tick,
    /// How many have come through.
    passed: u32,
    /// How many there may be.
    most: u32,
}

/// How many messages may go through with one look at the clock.
const TOGETHER: u32 = 8;

/// In less than so many nanoseconds, which is the least that anything is measured in.
const QUICK: u64 = 1_000;

/// How long the work on a message takes, for those who have it done here.
struct Pace {
    /// For how many nanoseconds whoever hands something on may work on it.
    quick: Limit,
    /// For how many nanoseconds a caller may.
    brief: Limit,
}

/// Whether something takes less than so many nanoseconds.
struct Limit {
    nanos: u64,
    /// How many messages in a row took much longer.
    slow: u32,
}

impl Pace {
    /// Where the threads of others could do it at the same time, they would gain no more
    /// than that.
    const QUICK: u64 = 250 * Self::UNOPTIMISED;

    /// Whoever waits for it gains nothing: to wake another thread takes longer.
    const BRIEF: u64 = 2_000 * Self::UNOPTIMISED;

    /// The same step takes so many times as long where nothing is optimised.
    const UNOPTIMISED: u64 = if cfg!(debug_assertions) { 8 } else { 1 };

    /// Where there is one thread anyway, and others only have their turn later.
    const ALONE: u64 = 10_000;

    /// Until it is known: on one thread others lose nothing.
    const fn of(is_on_one_thread: bool) -> Self {
        let [quick, brief] = if is_on_one_thread {
            [Self::ALONE; 2]
        } else {
            [Self::QUICK, Self::BRIEF]
        };
        Self {
            quick: Limit::of(quick, is_on_one_thread),
            brief: Limit::of(brief, is_on_one_thread),
        }
    }

    /// The work on a message took so many nanoseconds.
    #[inline]
    fn takes(&mut self, took: u64) {
        self.quick.takes(took);
        self.brief.takes(took);
    }
}

impl Limit {
    /// One message may have been interrupted: so many are slow.
    const SLOW: u32 = 2;

    /// And so is one that took so many nanoseconds.
    const LONG: u64 = 20_000;

    const fn of(nanos: u64, is_met: bool) -> Self {
        let slow = if is_met { 0 } else { Self::SLOW };
        Self { nanos, slow }
    }

    #[inline]
    fn takes(&mut self, took: u64) {
        if took < self.nanos {
            self.slow = 0;
        } else if took >= Self::LONG {
            self.slow = Self::SLOW;
        } else if took >= 2 * self.nanos {
            self.slow = Self::SLOW.min(self.slow + 1);
        }
    }

    fn is_met(&self) -> bool {
        self.slow < Self::SLOW
    }
}

impl Group {
    const fn begin(since: Tick) -> Self {
        Self::of(1, since)
    }

    const fn of(most: u32, since: Tick) -> Self {
        Self {
            since,
            passed: 0,
            most,
        }
    }
}

impl<T, S, W, F, Y> Here<T, S, W, F, Y>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    F: Onward<T::Edges, W::Output>,
    Y: Straight<Work = W, Input = S::Input, Output = W::Output>,
{
    /// Whether several messages are worth more together, with one look at the clock, than
    /// each at the next station.
    const GAINS_TOGETHER: bool = Y::IS_TIMED_TOGETHER && F::KEEPS;

    pub(super) fn new(shared: &Arc<Shared<T, S, W, F>>, replica: &Arc<Replica>, way: Y) -> Self {
        let is_on_one_thread = shared.queue.core().is_on_one_thread;
        Self {
            pace: Pace::of(is_on_one_thread),
            is_on_one_thread,
            most: 1,
            brought: Some(Held::new(&shared.queue, true)),
            shared: Arc::clone(shared),
            replica: Arc::clone(replica),
            way,
            next: F::Next::default(),
            rest: None,
        }
    }

    /// Whether there is something to do for the task here.
    #[inline]
    pub(super) fn is_for(&self, held: &Held<S>) -> bool {
        let does_somebody_listen = does_somebody_listen();
        self.rest.is_some()
            || held.is_next_ordinary(does_somebody_listen)
            || Y::SHOWS && held.is_next_shown(does_somebody_listen)
    }

    /// Takes messages through, as far as nothing about them is out of the ordinary. How
    /// many that were, and what time it is, if that is known.
    pub(super) async fn go_straight(
        &mut self,
        inbox: &mut Inbox<S>,
        now: Option<Tick>,
        most: u32,
    ) -> (u32, Option<Tick>) {
        let mut group = Group::of(self.most, now.unwrap_or_else(|| self.now()));
        let mut left = most;
        loop {
            let stop = match self.rest.take() {
                Some(rest) => rest,
                None => {
                    let stop = poll_fn(|task| {
                        let held = inbox.held();
                        Poll::Ready(self.stretch(held, &mut group, &mut left, 0, task))
                    });
                    match stop.await {
                        Some(stop) => stop,
                        None => return (most - left, Some(group.since)),
                    }
                }
            };
            let delivery = match stop {
                Stop::Waits(delivery) => delivery,
                Stop::Inside(inside, delivery) => {
                    let rest = self.way.rest(&self.shared.work, inside, &self.replica);
                    match inbox.or_rest(rest).await {
                        Some((output, branch)) => delivery.and(self.shared.hand_on(output, branch)),
                        None => delivery,
                    }
                }
            };
            inbox.or_rest_until(delivery.complete()).await;
            group = Group::begin(self.now());
        }
    }

    /// The same until something has to be waited for, or nothing is left.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn stretch(
        &mut self,
        held: &mut Held<S>,
        group: &mut Group,
        left: &mut u32,
        depth: u32,
        task: &mut Context<'_>,
    ) -> Option<Stop> {
        let does_somebody_listen = does_somebody_listen();
        let stop = loop {
            let before = *left;
            let is_together = Self::GAINS_TOGETHER && held.has_several();
            if is_together {
                // What is worked on there does not overtake what is kept here.
                self.shared.onward.let_go(&mut self.next);
            }
            let is_single = Y::SHOWS && held.is_next_shown(does_somebody_listen);
            let stop = if is_single || !is_together && self.shared.onward.borrow(&mut self.next) {
                self.one_by_one(held, group, left, depth, task)
            } else {
                self.together(held, group, left, depth, task)
            };
            // What is next is out of the ordinary, if there is anything.
            if stop.is_some() || *left == before {
                break stop;
            }
        };
        self.shared.onward.let_go(&mut self.next);
        stop
    }

    /// Several at a time: what comes of them waits until others look at it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn together(
        &mut self,
        held: &mut Held<S>,
        group: &mut Group,
        left: &mut u32,
        depth: u32,
        task: &mut Context<'_>,
    ) -> Option<Stop> {
        let does_somebody_listen = does_somebody_listen();
        while *left > 0 {
            if !held.starts_on_ordinary(group.since, does_somebody_listen) {
                break;
            }
            let Some((message, branch)) = held.take_started() else {
                break;
            };
            *left -= 1;
            let mut output = None;
            let landed = guard(&branch, None).run(|| {
                let on = (&branch, group.since);
                self.way
                    .pass(&self.shared.work, message, on, task, &mut output);
            });
            if let Err(text) = landed {
                self.way.panicked(text);
                is_gone(&mut output);
            }
            let Some(output) = output else {
                let delivery = self.tell_if_over(group);
                let inside = self.inside(branch, None, group.since);
                return Some(Stop::Inside(inside, delivery));
            };
            group.passed += 1;
            let is_last = group.passed == group.most;
            let tells = is_last && self.is_over(group);
            let handed = Handed {
                at: group.since,
                is_timed: is_last,
            };
            let delivery = match self
                .shared
                .onward
                .put(&mut self.next, output, (branch, handed))
            {
                // What there is to tell is told with what was put.
                Ok(false) => continue,
                Ok(true) => {
                    self.is_over(group);
                    self.shared.tell()
                }
                Err(on) => {
                    let tells = self.is_over(group) || tells;
                    let times = (group.since, depth);
                    let (handed_on, at) = self.hand_on_by_now(on, times, is_last);
                    group.since = at;
                    handed_on.and(self.shared.tell_if(tells))
                }
            };
            if !delivery.is_done() {
                return Some(Stop::Waits(delivery));
            }
        }
        let delivery = self.tell_if_over(group);
        (!delivery.is_done()).then_some(Stop::Waits(delivery))
    }

    /// One at a time, each as far as it goes.
    #[inline(never)]
    fn one_by_one(
        &mut self,
        held: &mut Held<S>,
        group: &mut Group,
        left: &mut u32,
        depth: u32,
        task: &mut Context<'_>,
    ) -> Option<Stop> {
        let does_somebody_listen = does_somebody_listen();
        while *left > 0 {
            let since = group.since;
            let waited = if Y::SHOWS && held.is_next_shown(does_somebody_listen) {
                held.starts_on_shown(since)
            } else {
                let starts = held.starts_on_ordinary(since, does_somebody_listen);
                starts.then_some(0)
            };
            let Some(waited) = waited else {
                break;
            };
            let Some((message, branch)) = held.take_started() else {
                break;
            };
            *left -= 1;
            match self.pass_on(message, branch, (since, waited), depth, task) {
                Ok(at) => *group = Group::begin(at),
                Err(stop) => return Some(stop),
            }
        }
        None
    }

    /// Takes one message through, which has waited for so many nanoseconds, and as far
    /// beyond as there are stations that are free. When that was done; or what has to be
    /// waited for.
    fn pass_on(
        &mut self,
        message: S::Input,
        mut branch: Branch,
        (at, waited): (Tick, u64),
        depth: u32,
        task: &mut Context<'_>,
    ) -> Result<Tick, Stop> {
        let (mut output, mut shown) = (None, None);
        if Y::SHOWS && does_somebody_listen() && branch.journey().context.is_sampled() {
            shown = self
                .way
                .show(&self.shared.work, &branch, waited, &self.replica);
            let guard = guard(&branch, shown.as_ref());
            let mut has_begun = false;
            let landed = catch_unwind(AssertUnwindSafe(|| {
                guard.run(|| {
                    has_begun = true;
                    let on = (&branch, at);
                    self.way
                        .pass(&self.shared.work, message, on, task, &mut output);
                })
            }));
            match landed {
                Ok(Ok(())) => {}
                Ok(Err(text)) => {
                    self.way.panicked(text);
                    is_gone(&mut output);
                }
                // Whoever looks at the span broke as it was left, behind the step.
                Err(_) if output.is_some() => {}
                Err(panic) if has_begun => self.way.panicked(panic_text(&*panic)),
                Err(panic) => resume_unwind(panic),
            }
        } else {
            let landed = guard(&branch, None).run(|| {
                let on = (&branch, at);
                self.way
                    .pass(&self.shared.work, message, on, task, &mut output);
            });
            if let Err(text) = landed {
                self.way.panicked(text);
                is_gone(&mut output);
            }
        }
        let Some(output) = output else {
            let inside = self.inside(branch, shown, at);
            return Err(Stop::Inside(inside, Delivery::DONE));
        };
        let end = self.now();
        self.way.took(&self.shared.work, 1, at, end);
        self.pace.takes(end.since(at));
        if let Some(shown) = shown {
            self.replica.post.is_done();
            shown.leads(&mut branch, end);
        }
        let mut on = (output, branch);
        if depth >= DEEPEST {
            // Nothing overtakes what goes by the queue now.
            self.shared.onward.let_go(&mut self.next);
        } else if self.shared.onward.borrow(&mut self.next) {
            match self
                .shared
                .onward
                .pass(&mut self.next, on, (end, depth + 1))
            {
                Ok(at) => return Ok(at),
                Err(back) => on = back,
            }
        }
        let (output, branch) = on;
        let handed = Handed {
            at: end,
            is_timed: true,
        };
        let delivery = match self
            .shared
            .onward
            .put(&mut self.next, output, (branch, handed))
        {
            Ok(false) => return Ok(end),
            Ok(true) => self.shared.tell(),
            Err((output, branch)) => {
                let (delivery, at) = self.hand_on(output, branch, (end, depth));
                if delivery.is_done() {
                    return Ok(at);
                }
                delivery
            }
        };
        if delivery.is_done() {
            Ok(end)
        } else {
            Err(Stop::Waits(delivery))
        }
    }

    /// Hands on what was not kept; if that may be as it was not known when it is done,
    /// by this time. What is left to do, and when this was done.
    fn hand_on_by_now(
        &mut self,
        (mut output, mut branch): (W::Output, Branch),
        (at, depth): (Tick, u32),
        was_timed: bool,
    ) -> (Delivery, Tick) {
        if !was_timed {
            let handed = Handed { at, is_timed: true };
            match self
                .shared
                .onward
                .put(&mut self.next, output, (branch, handed))
            {
                Ok(tells) => return (self.shared.tell_if(tells), at),
                Err(on) => (output, branch) = on,
            }
        }
        self.hand_on(output, branch, (at, depth))
    }

    /// Hands an output on then, and as far as there are stations that are free. What is
    /// left to do, and when this was done.
    #[inline]
    fn hand_on(
        &self,
        output: W::Output,
        branch: Branch,
        (at, depth): (Tick, u32),
    ) -> (Delivery, Tick) {
        let branch = branch.from(at);
        let hand_on = || self.shared.hand_on_with_care(output, branch);
        // The task's own turn does not pass there.
        if depth == 0 && self.is_on_one_thread {
            return (hand_on(), at);
        }
        let (delivery, until) = turn::pass((depth, None), hand_on);
        (delivery, until.unwrap_or(at))
    }

    /// A message that a visitor has brought does not come through at once.
    fn stops(&mut self, mut stop: Stop) {
        if let Stop::Inside(inside, _) = &mut stop {
            inside.is_at_home = false;
        }
        self.rest = Some(stop);
    }

    fn inside(&self, branch: Branch, shown: Option<Shown>, began: Tick) -> Inside {
        Inside {
            branch,
            shown,
            began,
            at: self.now(),
            is_at_home: true,
        }
    }

    /// The clock is looked at for a group of messages. `true` if the turn is to tell
    /// what it has.
    #[inline]
    fn is_over(&mut self, group: &mut Group) -> bool {
        if group.passed == 0 {
            return false;
        }
        let at = self.now();
        let took = at.since(group.since);
        self.way
            .took(&self.shared.work, group.passed, group.since, at);
        self.pace.takes(took / u64::from(group.passed));
        let most = group.most;
        *group = Group::begin(at);
        let is_late = took >= QUICK;
        let late = is_late.then_some(at);
        let tells = most > 1 && self.shared.onward.are_timed(&mut self.next, late);
        if is_late {
            self.most = 1;
            return tells;
        }
        self.most = if Y::IS_TIMED_TOGETHER && F::KEEPS && took < QUICK / 2 {
            (2 * most).min(TOGETHER)
        } else {
            most
        };
        group.most = self.most;
        false
    }

    #[inline]
    fn tell_if_over(&mut self, group: &mut Group) -> Delivery {
        let tells = self.is_over(group);
        self.shared.tell_if(tells)
    }

    #[inline]
    fn now(&self) -> Tick {
        Y::now(&self.shared.work)
    }
}

impl<T, S, W, F, Y> Drop for Here<T, S, W, F, Y>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State>,
    F: Onward<T::Edges, W::Output>,
{
    fn drop(&mut self) {
        self.shared.onward.let_go(&mut self.next);
    }
}

impl<T, S, W, F, Y> Station<S::Input> for Here<T, S, W, F, Y>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    F: Onward<T::Edges, W::Output>,
    Y: Straight<Work = W, Input = S::Input, Output = W::Output>,
{
    fn work(&mut self, message: S::Input, branch: Branch, at: Tick, depth: u32) -> Option<Tick> {
        // What pends is polled again by its own task, as soon as this goes back.
        let mut task = Context::from_waker(Waker::noop());
        match self.pass_on(message, branch, (at, 0), depth, &mut task) {
            Ok(at) => Some(at),
            Err(stop) => {
                self.stops(stop);
                None
            }
        }
    }

    fn work_on(&mut self, items: &mut VecDeque<Item<S::Input>>, depth: u32) -> bool {
        let Some(mut brought) = self.brought.take() else {
            return false;
        };
        brought.swap(items);
        let (mut group, mut left) = (Group::of(self.most, self.now()), u32::MAX);
        let mut task = Context::from_waker(Waker::noop());
        let stop = catch_unwind(AssertUnwindSafe(|| {
            self.stretch(&mut brought, &mut group, &mut left, depth, &mut task)
        }));
        // Whoever looks at spans may have broken: what was not started on goes elsewhere.
        brought.give_back();
        brought.swap(items);
        self.brought = Some(brought);
        match stop {
            Ok(None) => true,
            Ok(Some(stop)) => {
                self.stops(stop);
                false
            }
            Err(panic) => resume_unwind(panic),
        }
    }

    fn shows(&self) -> bool {
        Y::SHOWS
    }

    fn is_quick(&self) -> bool {
        self.pace.quick.is_met()
    }

    fn is_brief(&self) -> bool {
        self.pace.brief.is_met()
    }

    fn is_stuck(&self) -> bool {
        self.rest.is_some()
    }

    fn rests(&mut self) -> bool {
        self.shared.onward.let_go(&mut self.next);
        let keeps = |turn: &mut Turn| turn.outbox.keeps_any();
        let is_to_be_told =
            self.rest.is_some() || F::PUTS && turn::current().get().is_some_and(keeps);
        if is_to_be_told {
            // What comes here next is put by others, and goes behind; and of what its task
            // goes on with, others see that it was accepted.
            let delivery = self.shared.tell();
            if !delivery.is_done() {
                self.rest = Some(match self.rest.take() {
                    None => Stop::Waits(delivery),
                    Some(Stop::Waits(before)) => Stop::Waits(before.and(delivery)),
                    Some(Stop::Inside(inside, before)) => {
                        Stop::Inside(inside, before.and(delivery))
                    }
                });
            }
        }
        if F::PUTS && !F::KEEPS {
            // The turn has borrowed for it where it hands on, and keeps nothing now.
            if let Some(turn) = turn::current().get() {
                turn.outbox.let_go();
            }
        }
        self.pace.brief.is_met() && self.rest.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_was_interrupted_makes_no_slow_step() {
        let mut limit = Limit::of(Pace::QUICK, false);
        assert!(!limit.is_met(), "not before it is known");
        limit.takes(Pace::QUICK - 1);
        assert!(limit.is_met());
        for _ in 0..3 {
            limit.takes(2 * Pace::QUICK);
            assert!(limit.is_met(), "it was one");
            limit.takes(Pace::QUICK - 1);
        }
        limit.takes(2 * Pace::QUICK);
        limit.takes(2 * Pace::QUICK);
        assert!(!limit.is_met(), "two in a row");
    }

    #[test]
    fn one_that_took_long_makes_a_slow_step() {
        let mut limit = Limit::of(Pace::BRIEF, true);
        limit.takes(Limit::LONG);
        assert!(!limit.is_met());
        limit.takes(Pace::BRIEF);
        assert!(!limit.is_met(), "neither is it brief");
        limit.takes(Pace::BRIEF - 1);
        assert!(limit.is_met());
    }
}
