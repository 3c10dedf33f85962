//! The tasks of a step: each replica takes a message, runs the step and those
//! it calls, and hands the output on.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tracing::level_filters::LevelFilter;

use super::arrival::Arrival;
use super::attend::attend;
use super::onward::Onward;
use super::overlap::overlap;
use super::process::Process;
use super::runner::Replica;
use super::straight::{Shown, Straight, guard, is_gone};
use super::{Failure, FailureKind, Step, StepSpec, WorkflowStep};
use crate::edge::{Handed, Inbox, Item, Queue};
use crate::fate::{Branch, Delivery, Scope, catch, panic_text};
use crate::state::Lent;
use crate::supervisor::turn::{self, Turn};
use crate::supervisor::{Core, Orders};
use crate::telemetry::{Tick, Writer};
use crate::topology::Topology;

/// How many messages a replica may start on before others have their turn: as
/// many as tokio lets its own channels bring.
pub(crate) const TURN: u32 = 128;

/// What the replicas of a task share.
pub(super) struct Shared<T: Topology, S: Step<T::State>, W, F> {
    pub(super) state: Lent<T::State>,
    pub(super) queue: Queue<S>,
    pub(super) edges: Arc<T::Edges>,
    pub(super) work: W,
    pub(super) onward: F,
}

impl<T, S, W, F> Shared<T, S, W, F>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send,
    F: Onward<T::Edges, W::Output>,
{
    /// A replica begins, perhaps once more.
    pub(super) fn begin(&self, replica: usize) -> (&'static StepSpec, Queue<S>, Replica) {
        let number = self.queue.number();
        let spec = &T::specs().steps[number];
        let post = self.queue.core().registry.begin(number, replica);
        let queue = self.queue.of_replica(replica);
        let writer = Writer::of(spec.replicas);
        (spec, queue, Replica::new(writer, replica, post))
    }

    /// Hands an output on.
    pub(super) fn hand_on(&self, output: W::Output, branch: Branch) -> Delivery {
        self.hand_on_here(output, branch)
    }

    /// The same, where it stands.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn hand_on_here(&self, output: W::Output, branch: Branch) -> Delivery {
        let handed = Handed::by(&branch);
        match self.onward.put(output, (branch, handed)) {
            Ok(false) => Delivery::DONE,
            Ok(true) => self.tell(),
            Err((output, branch)) => self.hand_on_with_care(output, branch),
        }
    }

    /// The user's patterns, guards and expressions run here, and fail the message if
    /// they panic.
    #[inline(never)]
    fn hand_on_with_care(&self, output: W::Output, branch: Branch) -> Delivery {
        let mut handed_on = Ok(Delivery::DONE);
        match catch(|| handed_on = self.onward.hand_on(&self.edges, output, branch)) {
            Ok(()) => match handed_on {
                Ok(delivery) => delivery,
                Err(overfull) => self.work.refuse(*overfull),
            },
            Err(caught) => unwound(self.queue.core(), self.work.last(), caught),
        }
    }

    /// Works on a message, and hands on what that came to.
    pub(super) async fn work_on(
        &self,
        mut message: Option<S::Input>,
        mut arrival: Arrival,
        replica: &Replica,
        own: &mut W::Own,
    ) {
        let mut output = None;
        let with = (&self.state, replica);
        let work = self
            .work
            .process(with, &mut message, &mut arrival, &mut output, own);
        work.await;
        if let (Some(output), Some(branch)) = (output, arrival.branch) {
            self.hand_on(output, branch).complete().await;
        }
    }

    /// Takes messages through, as far as nothing about them is out of the ordinary. How
    /// many that were, and what time it is, if that is known.
    async fn go_straight<Y>(
        &self,
        way: &mut Y,
        inbox: &mut Inbox<S>,
        replica: &Replica,
        now: Option<Tick>,
        most: u32,
    ) -> (u32, Option<Tick>)
    where
        Y: Straight<Input = S::Input, Output = W::Output>,
    {
        let clock = &self.queue.core().clock;
        let mut group = Group::begin(now.unwrap_or_else(|| clock.now()));
        let mut left = most;
        loop {
            let does_somebody_listen = does_somebody_listen();
            let mut stretch = |task: &mut Context<'_>| {
                while left > 0 {
                    if !inbox.starts_on_ordinary(group.since, does_somebody_listen) {
                        break;
                    }
                    let Some(Item {
                        message,
                        branch,
                        links,
                        ..
                    }) = inbox.take_started()
                    else {
                        break;
                    };
                    left -= 1;
                    links.are_dropped();
                    let mut output = None;
                    let landed = guard(&branch, None)
                        .run(|| way.pass(message, &branch, group.since, task, &mut output));
                    if let Err(text) = landed {
                        way.panicked(text);
                        is_gone(&mut output);
                    }
                    let Some(output) = output else {
                        let delivery = self.tell_if(self.is_over(&mut group, way));
                        return Stop::Inside((branch, None), delivery);
                    };
                    group.passed += 1;
                    let is_last = group.passed == group.most;
                    let tells = is_last && self.is_over(&mut group, way);
                    let handed = Handed {
                        at: group.since,
                        is_timed: is_last,
                    };
                    let delivery = match self.onward.put(output, (branch, handed)) {
                        // What there is to tell is told with what was put.
                        Ok(false) => continue,
                        Ok(true) => {
                            self.is_over(&mut group, way);
                            self.tell()
                        }
                        Err((output, branch)) => {
                            let tells = self.is_over(&mut group, way) || tells;
                            let branch = branch.from(group.since);
                            let handed_on = self.hand_on_with_care(output, branch);
                            handed_on.and(self.tell_if(tells))
                        }
                    };
                    if !delivery.is_done() {
                        return Stop::Waits(delivery);
                    }
                }
                let delivery = self.tell_if(self.is_over(&mut group, way));
                if delivery.is_done() {
                    Stop::Over
                } else {
                    Stop::Waits(delivery)
                }
            };
            let mut stop = poll_fn(|task| Poll::Ready(stretch(task))).await;
            if Y::SHOWS && matches!(stop, Stop::Over) && inbox.is_next_shown(does_somebody_listen) {
                stop = poll_fn(|task| {
                    let shown = self.go_shown(way, inbox, replica, &mut group, &mut left, task);
                    Poll::Ready(shown)
                })
                .await;
                // One that is shown still comes too late.
                if matches!(stop, Stop::Over)
                    && left > 0
                    && inbox.is_next_ordinary(does_somebody_listen)
                {
                    continue;
                }
            }
            let delivery = match stop {
                Stop::Over => return (most - left, Some(group.since)),
                Stop::Waits(delivery) => delivery,
                Stop::Inside(on, delivery) => {
                    let rest = way.rest(on, group.since, clock.now(), replica);
                    match inbox.or_rest(rest).await {
                        Some((output, branch)) => delivery.and(self.hand_on(output, branch)),
                        None => delivery,
                    }
                }
            };
            inbox.or_rest_until(delivery.complete()).await;
            group = Group::begin(clock.now());
        }
    }

    /// Takes those through that are ordinary but that somebody looks at their spans. Apart
    /// from the others, each of which would have to be asked whether it is one.
    #[inline(never)]
    fn go_shown<Y>(
        &self,
        way: &mut Y,
        inbox: &mut Inbox<S>,
        replica: &Replica,
        group: &mut Group,
        left: &mut u32,
        task: &mut Context<'_>,
    ) -> Stop
    where
        Y: Straight<Input = S::Input, Output = W::Output>,
    {
        let does_somebody_listen = does_somebody_listen();
        while *left > 0 && inbox.is_next_shown(does_somebody_listen) {
            let Some(waited) = inbox.starts_on_shown(group.since) else {
                break;
            };
            let Some(Item {
                message,
                mut branch,
                ..
            }) = inbox.take_started()
            else {
                break;
            };
            *left -= 1;
            let shown = way.show(&branch, waited, replica);
            let (mut output, mut has_begun) = (None, false);
            let landed = catch_unwind(AssertUnwindSafe(|| {
                guard(&branch, shown.as_ref()).run(|| {
                    has_begun = true;
                    way.pass(message, &branch, group.since, task, &mut output);
                })
            }));
            match landed {
                Ok(Ok(())) => {}
                Ok(Err(text)) => {
                    way.panicked(text);
                    is_gone(&mut output);
                }
                // Whoever looks at the span broke as it was left, behind the step.
                Err(_) if output.is_some() => {}
                Err(panic) if has_begun => way.panicked(panic_text(&*panic)),
                Err(panic) => resume_unwind(panic),
            }
            let Some(output) = output else {
                let delivery = self.tell_if(self.is_over(group, way));
                return Stop::Inside((branch, shown), delivery);
            };
            group.passed += 1;
            group.most = 1;
            self.is_over(group, way);
            replica.post.is_done();
            if let Some(shown) = shown {
                shown.leads(&mut branch, group.since);
            }
            let delivery = self.hand_on(output, branch);
            if !delivery.is_done() {
                return Stop::Waits(delivery);
            }
        }
        Stop::Over
    }

    /// The clock is looked at for a group of messages. `true` if the turn is to tell
    /// what it has.
    #[inline]
    fn is_over<Y>(&self, group: &mut Group, way: &mut Y) -> bool
    where
        Y: Straight<Input = S::Input, Output = W::Output>,
    {
        if group.passed == 0 {
            return false;
        }
        let at = way.now();
        way.took(group.passed, group.since, at);
        let took = at.since(group.since);
        let most = group.most;
        *group = Group::begin(at);
        let is_late = took >= QUICK;
        let tells = most > 1 && self.onward.are_timed(is_late.then_some(at));
        if is_late {
            return tells;
        }
        group.most = if Y::IS_TIMED_TOGETHER && F::KEEPS && took < QUICK / 2 {
            (2 * most).min(TOGETHER)
        } else {
            most
        };
        false
    }

    #[inline]
    fn tell_if(&self, tells: bool) -> Delivery {
        if tells { self.tell() } else { Delivery::DONE }
    }

    /// Tells the others what the turn has. What is too late for its queue is dropped,
    /// and may panic then.
    #[inline(never)]
    fn tell(&self) -> Delivery {
        match catch(|| turn::current().get().map(Turn::tell)) {
            Ok(_) => Delivery::DONE,
            Err(caught) => unwound(self.queue.core(), self.work.last(), caught),
        }
    }
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

impl Group {
    const fn begin(since: Tick) -> Self {
        Self {
            since,
            passed: 0,
            most: 1,
        }
    }
}

/// Whether the next message does.
#[inline]
fn goes_straight<S: WorkflowStep, Y: Straight>(_: &Y, inbox: &Inbox<S>) -> bool {
    let does_somebody_listen = does_somebody_listen();
    inbox.is_next_ordinary(does_somebody_listen)
        || Y::SHOWS && inbox.is_next_shown(does_somebody_listen)
}

/// Whether anybody looks at spans.
#[inline]
fn does_somebody_listen() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}

/// Why no further message goes straight through now.
enum Stop {
    /// None is there, or others have their turn.
    Over,
    /// What came of one has to wait.
    Waits(Delivery),
    /// One is still in a step, and what came of those before it may have to wait.
    Inside((Branch, Option<Shown>), Delivery),
}

/// A panic behind a step: the messages that were dropped by it fail.
#[cold]
fn unwound(core: &Core, step: usize, (text, scopes): (String, Vec<Arc<Scope>>)) -> Delivery {
    let failure = Failure::new(FailureKind::Panic(text), core.name, core.step_name(step), 1);
    let failed = scopes
        .into_iter()
        .map(|scope| scope.unwind(failure.clone()));
    failed.fold(Delivery::DONE, Delivery::and)
}

/// One replica, until it is stopped.
pub(super) fn serve<T, S, W, F>(
    shared: &Arc<Shared<T, S, W, F>>,
    replica: usize,
    orders: Option<&Orders>,
    nested: &Mutex<W::Own>,
) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send + 'static,
    F: Onward<T::Edges, W::Output>,
{
    let mut nested = nested.lock().unwrap_or_else(PoisonError::into_inner);
    let own = shared.work.another(&mut nested);
    drop(nested);
    let shared = Arc::clone(shared);
    if W::OVERLAPS {
        return Box::pin(overlap(shared, own));
    }
    let core = Arc::clone(shared.queue.core());
    if W::BEGINS
        && let Some(orders) = orders
    {
        let attended = attend(shared, replica, own, orders.clone());
        return Box::pin(turn::in_turns(core, attended));
    }
    Box::pin(turn::in_turns(core, take(shared, replica, own)))
}

/// Takes whatever comes, one message after the other.
async fn take<T, S, W, F>(shared: Arc<Shared<T, S, W, F>>, replica: usize, mut own: W::Own)
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send + 'static,
    F: Onward<T::Edges, W::Output>,
{
    let (spec, queue, replica) = shared.begin(replica);
    // What a task has taken and not started on expires late if it takes long, on
    // a thread of its own.
    let is_here = spec.boundary.is_none() || W::GOES_AHEAD;
    let mut inbox = Inbox::new(queue, spec.replicas == 1 && is_here);
    let mut way = if inbox.is_plain() {
        shared.work.straight(&shared.state)
    } else {
        None
    };
    let (mut now, mut turn, whole_turn) = (None, 0, spec.turn());
    let (mut message, mut arrival, mut output) = (None, Arrival::none(), None);
    'messages: loop {
        shared.work.prepare(&shared.state, &mut own, &[]);
        // A thread that was given up is still at work: its replica is not
        // free before it has finished.
        if W::IS_BLOCKING {
            let _ = inbox.or_rest(replica.thread.acquire()).await;
        }
        let mut is_alone = true;
        if W::GOES_AHEAD {
            let mut hand_on = |output, branch| shared.hand_on(output, branch);
            let ahead = shared
                .work
                .process_ahead(&replica, &mut inbox, &mut own, &mut hand_on);
            is_alone = ahead.await;
            now = None;
        }
        if let Some(way) = &mut way
            && goes_straight(way, &inbox)
        {
            let went = shared.go_straight(way, &mut inbox, &replica, now, whole_turn - turn);
            let (passed, at) = went.await;
            (turn, now) = (turn + passed, at);
            if turn == whole_turn {
                turn = 0;
                inbox.or_rest_until(tokio::task::yield_now()).await;
            }
        }
        while !inbox.bring(now, &mut message, &mut arrival) {
            if inbox.filled().await {
                turn = 0;
            }
            now = None;
            if way.is_some() || !is_alone {
                continue 'messages;
            }
        }
        {
            // Where it stands: moving it would cost as much as a queue.
            let mut work = pin!(shared.work.process(
                (&shared.state, &replica),
                &mut message,
                &mut arrival,
                &mut output,
                &mut own,
            ));
            inbox.or_rest(work.as_mut()).await;
        }
        now = arrival.branch.as_ref().map(|branch| branch.at);
        if let (Some(output), Some(branch)) = (output.take(), arrival.branch.take()) {
            let delivery = shared.hand_on(output, branch);
            if !delivery.is_done() {
                inbox.or_rest_until(delivery.complete()).await;
                now = None;
            }
        }
        // Nothing above pends while there is work, so it is said here when
        // it is others' turn.
        turn += 1;
        if turn == whole_turn {
            turn = 0;
            inbox.or_rest_until(tokio::task::yield_now()).await;
        }
    }
}
