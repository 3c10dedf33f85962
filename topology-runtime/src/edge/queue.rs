//! Where the messages of one step wait.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::Lane;
use super::key::{HashKey, Key};
use super::scale::Scale;
use super::seats::Seats;
use super::sleep::{Sleeper, Sleepers, wake, wake_another};
use super::slot::Slot;
use super::station::{Lending, Loan, Station};
use crate::fate::{Branch, Delivery};
use crate::padded::Padded;
use crate::step::{Failure, FailureKind, Otherwise, WorkflowStep};
use crate::supervisor::Core;
use crate::telemetry::{Links, Tick, Writer, spans};

/// The queue of a step, shared by the edges that lead to it and the tasks that
/// take from it.
///
/// The number is that of the replica that looks at it.
pub struct Queue<S: WorkflowStep>(pub(super) Arc<Shared<S>>, pub(super) usize);

pub(super) struct Shared<S: WorkflowStep> {
    pub(super) core: Arc<Core>,
    pub(super) number: usize,
    waiting: Padded<Mutex<Waiting<S::Input>>>,
    /// The station of whoever takes from here, as long as nothing waits for it.
    pub(super) lent: Padded<Slot<Loan<S::Input>>>,
    otherwise: OnceLock<Otherwise<S>>,
    pub(super) pass_over: OnceLock<PassOver>,
    /// The edges that lead here, while wiring.
    leading: Mutex<Vec<Arc<Lane>>>,
    /// Whether what they bring is taken where it meets.
    is_join: AtomicBool,
    /// The same, from then on.
    lanes: OnceLock<Lanes>,
    /// Whether it matters which replica takes a message.
    pub(super) has_seats: bool,
    pub(super) hash_key: OnceLock<HashKey<S::Input>>,
}

/// The edges that lead to a queue, by number.
pub(super) type Lanes = Arc<[Arc<Lane>]>;

/// What tells the joins behind a join that it was skipped.
pub(super) type PassOver = Box<dyn Fn(&Branch) -> Delivery + Send + Sync>;

/// What waits, and who waits for it.
pub(super) struct Waiting<T> {
    pub(super) items: VecDeque<Item<T>>,
    /// No item is to be looked at before this, be it here or with a task.
    pub(super) next_look: Option<Tick>,
    /// Items may have been with a task when that was looked at last.
    pub(super) is_unsure: bool,
    pub(super) is_closed: bool,
    pub(super) sleepers: Sleepers,
    /// `None` where any replica may take any message.
    pub(super) seats: Option<Seats>,
    pub(super) scale: Scale,
    pub(super) lending: Lending<T>,
}

/// A message on an edge: it has a place there.
pub(crate) struct Item<T> {
    pub(crate) message: T,
    pub(crate) branch: Branch,
    pub(crate) links: Links,
    /// The edge that it came by, among those that lead here.
    pub(super) lane: u32,
    /// Of a step without keys: nobody looks.
    pub(super) key: Key,
}

/// A message that a step starts on.
pub(crate) struct Taken<T> {
    pub(crate) message: T,
    pub(crate) branch: Branch,
    /// How long it was on the edge, in nanoseconds.
    pub(crate) waited: u64,
    /// When it was taken.
    pub(crate) at: Tick,
    pub(crate) links: Links,
}

impl<S: WorkflowStep> Clone for Queue<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), self.1)
    }
}

impl<S: WorkflowStep> Queue<S> {
    pub(crate) fn new(core: Arc<Core>, number: usize, seats: Option<Seats>) -> Self {
        let has_seats = seats.is_some();
        let shared = Arc::new(Shared {
            core,
            number,
            waiting: Padded::new(Mutex::new(Waiting {
                items: VecDeque::new(),
                next_look: None,
                is_unsure: false,
                is_closed: false,
                sleepers: Sleepers::default(),
                seats,
                scale: Scale::default(),
                lending: Lending::default(),
            })),
            lent: Padded::default(),
            otherwise: OnceLock::new(),
            pass_over: OnceLock::new(),
            leading: Mutex::default(),
            is_join: AtomicBool::new(false),
            lanes: OnceLock::new(),
            has_seats,
            hash_key: OnceLock::new(),
        });
        Self(shared, 0)
    }

    /// The same queue, as that replica of the step looks at it.
    pub(crate) fn of_replica(&self, replica: usize) -> Self {
        Self(Arc::clone(&self.0), replica)
    }

    /// An edge leads here, by that number. Said while wiring.
    pub(super) fn led_to(&self, lane: Arc<Lane>) -> u32 {
        let mut leading = self.0.leading();
        leading.push(lane);
        u32::try_from(leading.len() - 1).expect("edges are written by hand")
    }

    /// What comes here meets elsewhere first. Said while wiring.
    pub(super) fn joins(&self) {
        self.0.is_join.store(true, Ordering::Relaxed);
    }

    /// Who counts what one task of the step takes.
    pub(super) fn writer(&self, is_alone: bool) -> Writer {
        if is_alone && !self.0.is_join.load(Ordering::Relaxed) {
            Writer::Alone
        } else {
            Writer::OneOfSeveral
        }
    }

    /// Says what becomes of the step's failures. Said once, while wiring.
    pub fn otherwise(&self, otherwise: Otherwise<S>) {
        let _ = self.0.otherwise.set(otherwise);
    }

    /// Says which joins to tell if this one is skipped. Said once, while wiring.
    pub fn pass_over<E>(
        &self,
        edges: &Arc<E>,
        tell: impl Fn(&E, &Branch) -> Delivery + Send + Sync + 'static,
    ) where
        E: Send + Sync + 'static,
    {
        let edges = Arc::downgrade(edges);
        let _ = self
            .0
            .pass_over
            .set(Box::new(move |branch| match edges.upgrade() {
                Some(edges) => tell(&edges, branch),
                None => Delivery::DONE,
            }));
    }

    /// What was said of the step's failures.
    pub(crate) fn policy(&self) -> &Otherwise<S> {
        self.0.otherwise.get_or_init(Otherwise::fail)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.0.core
    }

    pub(crate) fn number(&self) -> usize {
        self.0.number
    }

    pub(super) fn lane(&self, item: &Item<S::Input>) -> &Arc<Lane> {
        &self.0.lanes()[item.lane as usize]
    }

    /// Whether a task may have several items at a time: not where it matters
    /// which of those that wait is next, or oldest.
    pub(super) fn is_plain(&self) -> bool {
        self.0.lanes().iter().all(|lane| lane.is_plain)
    }

    /// Puts an item behind the others. Its place is its own.
    pub(super) fn push(&self, item: Item<S::Input>) {
        self.push_counted(item, false);
    }

    /// The same; an item that has not waited for its place is counted as
    /// offered.
    pub(super) fn push_counted(&self, item: Item<S::Input>, is_new: bool) {
        let lane = self.lane(&item);
        let look = lane.first_look(&item.branch, item.branch.at, &self.0.core.clock);
        let mut waiting = self.0.waiting();
        if waiting.is_closed {
            drop(waiting);
            // It goes with everything else that was not taken in time.
            lane.give_back(1);
            drop(item);
            return;
        }
        if is_new {
            lane.meter.pushed(1);
        }
        lane.meter.filled(lane.fill());
        let armed = self.arm(&mut waiting, look, [std::slice::from_ref(&item), &[]]);
        let mut is_watched = true;
        let woken = match &mut waiting.seats {
            None => waiting.sleepers.next(),
            Some(seats) => {
                let woken = seats.whom(item.key);
                is_watched = !self.is_to_be_watched(&mut waiting);
                woken
            }
        };
        waiting.lending.recalls(&self.0.lent);
        waiting.items.push_back(item);
        drop(waiting);
        wake(woken);
        if !is_watched {
            self.0.core.scaling.notify_one();
        }
        if let Some(look) = armed {
            self.0.core.arm(look);
        }
    }

    /// Puts items behind the others, and leaves none. Their places are their own, none of
    /// them is to be looked at before `look`, and the first `known` were counted as
    /// offered before.
    pub(super) fn push_all(&self, items: &mut VecDeque<Item<S::Input>>, look: Tick, known: usize) {
        let mut waiting = self.0.waiting();
        if waiting.is_closed {
            drop(waiting);
            self.give_up(std::mem::take(items));
            return;
        }
        let lanes = self.0.lanes();
        if let [lane] = &**lanes {
            lane.meter.pushed((items.len() - known) as u64);
        } else {
            for item in items.iter().skip(known) {
                lanes[item.lane as usize].meter.pushed(1);
            }
        }
        let armed = self.arm(&mut waiting, look, items.as_slices().into());
        waiting.lending.recalls(&self.0.lent);
        if waiting.items.is_empty() {
            std::mem::swap(&mut waiting.items, items);
        } else {
            waiting.items.append(items);
        }
        let woken = waiting.sleepers.next();
        drop(waiting);
        wake(woken);
        if let Some(look) = armed {
            self.0.core.arm(look);
        }
    }

    /// When the timekeeper is to be asked to look, if these items come, none of
    /// which is to be looked at before `look`; `None` if it looks early enough.
    fn arm(
        &self,
        waiting: &mut Waiting<S::Input>,
        look: Tick,
        items: [&[Item<S::Input>]; 2],
    ) -> Option<Tick> {
        if waiting.next_look.is_some_and(|next| next <= look) {
            return None;
        }
        // What has waited for room longer than that is looked at as it fails.
        let now = self.0.core.clock.now();
        let look = if now < look {
            look
        } else {
            self.first_look(items, now)?
        };
        let is_first = waiting.next_look.is_none_or(|next| look < next);
        is_first.then(|| *waiting.next_look.insert(look))
    }

    /// When the timekeeper looks at one of these items again.
    pub(super) fn first_look(&self, items: [&[Item<S::Input>]; 2], now: Tick) -> Option<Tick> {
        let mut first = None;
        for some in items {
            for item in some {
                let look = self.next_look(item, now);
                first = Some(first.map_or(look, |first: Tick| first.min(look)));
            }
        }
        first
    }

    /// When the item fails if nothing has started on it.
    pub(super) fn expiry(&self, item: &Item<S::Input>) -> Tick {
        self.lane(item).expiry(&item.branch, &self.0.core.clock)
    }

    /// When the timekeeper looks at the item again: when half of its time is over,
    /// and when it fails.
    pub(super) fn next_look(&self, item: &Item<S::Input>, now: Tick) -> Tick {
        let first = self
            .lane(item)
            .first_look(&item.branch, item.branch.at, &self.0.core.clock);
        if now < first {
            first
        } else {
            self.expiry(item)
        }
    }

    /// Gives the place of the lane's oldest item to this one. What comes back
    /// has no place: the oldest, or the item itself if its lane has nothing
    /// waiting.
    pub(super) fn replace_oldest(&self, item: Item<S::Input>) -> Item<S::Input> {
        let oldest = {
            let mut waiting = self.0.waiting();
            let is_mate = |other: &Item<_>| other.lane == item.lane;
            let position = waiting.items.iter().position(is_mate);
            position.and_then(|position| waiting.items.remove(position))
        };
        match oldest {
            Some(oldest) => {
                self.push(item);
                oldest
            }
            None => item,
        }
    }

    /// Waits until `most` messages are here, or the oldest has lingered, and
    /// takes up to so many of those that can be started on. Until then they
    /// keep their places, and can expire or be dropped like any other.
    pub(crate) async fn take_batch(&self, most: usize, linger: Duration) -> Vec<Taken<S::Input>> {
        loop {
            self.is_done();
            self.gathered(most, linger).await;
            let began = self.0.core.clock.now();
            let limiter = self.limiter();
            if limiter.is_some_and(|limiter| !limiter.begin(began)) {
                self.waits_for_rate().await;
                continue;
            }
            let mut batch = Vec::new();
            while batch.len() < most
                && let Some(item) = self.next()
            {
                match self.start_on(item) {
                    Ok(taken) => batch.push(taken),
                    Err(delivery) => delivery.complete().await,
                }
            }
            if !batch.is_empty() {
                return batch;
            }
            if let Some(limiter) = limiter {
                limiter.take_back(began);
            }
        }
    }

    /// The next message, if there is one that can be started on.
    pub(crate) async fn take_one(&self) -> Option<Taken<S::Input>> {
        let item = self.take()?;
        match self.start_on(item) {
            Ok(taken) => Some(taken),
            Err(delivery) => {
                delivery.complete().await;
                None
            }
        }
    }

    /// The next message, whether it can be started on or not, unless the step's rate
    /// is used up.
    pub(super) fn take(&self) -> Option<Item<S::Input>> {
        match self.limiter() {
            None => self.next(),
            Some(limiter) => self.next_below(limiter),
        }
    }

    /// The oldest item, with its place: of a loop's header, what came back, from
    /// the innermost loop first.
    pub(super) fn next(&self) -> Option<Item<S::Input>> {
        let mut waiting = self.0.waiting();
        waiting.sleepers.looks();
        let (item, woken) = self.pop(&mut waiting)?;
        let are_others_left = !waiting.items.is_empty();
        wake_another(waiting, are_others_left);
        woken.into_iter().for_each(Waker::wake);
        Some(item)
    }

    /// The next item, and whom else to wake now that it is taken.
    fn pop(&self, waiting: &mut Waiting<S::Input>) -> Option<(Item<S::Input>, Vec<Waker>)> {
        if self.is_plain() {
            return Some((waiting.items.pop_front()?, Vec::new()));
        }
        if waiting.seats.is_some() {
            return self.pop_own(waiting);
        }
        let (mut next, mut deepest) = (0, None);
        for (position, item) in waiting.items.iter().enumerate() {
            let depth = self.depth(item);
            if depth > deepest {
                (next, deepest) = (position, depth);
            }
        }
        Some((waiting.items.remove(next)?, Vec::new()))
    }

    /// How many loops a message that came back is inside; `None` for one that is
    /// new.
    pub(super) fn depth(&self, item: &Item<S::Input>) -> Option<usize> {
        self.lane(item).depth()
    }

    /// Takes all that waits here, in exchange for nothing: `items` is empty. For
    /// a queue that only one task takes from. One that finds nothing sleeps here, and
    /// lends its station meanwhile, if it has one.
    pub(super) fn poll_take_all(
        &self,
        items: &mut VecDeque<Item<S::Input>>,
        station: &mut Option<Box<dyn Station<S::Input>>>,
        sleeper: &mut Sleeper,
        context: &Context<'_>,
    ) -> Poll<()> {
        let mut guard = self.0.waiting();
        let waiting = &mut *guard;
        let is_here = waiting.lending.takes_back(&self.0.lent, station);
        let is_needed = !waiting.items.is_empty() || waiting.lending.is_needed(station.as_deref());
        if !is_here || !is_needed {
            if is_here {
                waiting.lending.lends(&self.0.lent, station);
            }
            waiting.sleepers.looks();
            waiting.sleepers.fall_asleep(sleeper, context);
            return Poll::Pending;
        }
        waiting.sleepers.get_up(sleeper);
        std::mem::swap(&mut waiting.items, items);
        Poll::Ready(())
    }

    /// Puts back what a task has not started on, before what has come since.
    pub(super) fn put_back(&self, items: &mut VecDeque<Item<S::Input>>) {
        let mut waiting = self.0.waiting();
        items.append(&mut waiting.items);
        std::mem::swap(&mut waiting.items, items);
        if waiting.is_closed {
            let closed = std::mem::take(&mut waiting.items);
            drop(waiting);
            self.give_up(closed);
            return;
        }
        let mut again = None;
        if std::mem::take(&mut waiting.is_unsure) {
            let now = self.0.core.clock.now();
            again = self.first_look(waiting.items.as_slices().into(), now);
            waiting.next_look = again;
        }
        let woken = waiting.seats.as_mut().map(Seats::sleepers);
        wake_another(waiting, true);
        woken.into_iter().flatten().for_each(Waker::wake);
        if let Some(look) = again {
            self.0.core.arm(look);
        }
    }

    /// Gives the place of an item back, and starts on it.
    fn start_on(&self, item: Item<S::Input>) -> Result<Taken<S::Input>, Delivery> {
        let (lane, now) = (self.lane(&item), self.0.core.clock.now());
        lane.give_back(1);
        if item.branch.is_cancelled() || self.expiry(&item) <= now {
            return Err(self.refuse(item));
        }
        let waited = now.since(item.branch.at);
        lane.meter.taken_as(Writer::OneOfSeveral, waited);
        Ok(Taken {
            message: item.message,
            branch: item.branch,
            waited,
            at: now,
            links: item.links,
        })
    }

    /// What becomes of an item that nothing is started on: its time is up, or
    /// its message has no use for it any more.
    #[cold]
    pub(super) fn refuse(&self, item: Item<S::Input>) -> Delivery {
        if item.branch.is_cancelled() {
            return item.branch.discard();
        }
        self.lane(&item).meter.timed_out();
        self.fail(item, FailureKind::EdgeTimeout)
    }

    /// Sends a message that was not started on where failures of the step go.
    pub(super) fn fail(&self, item: Item<S::Input>, kind: FailureKind) -> Delivery {
        let Item {
            message, branch, ..
        } = item;
        let branch = branch.now();
        let kind = branch.scope().lateness(Instant::now()).unwrap_or(kind);
        let core = &self.0.core;
        let failure = Failure::new(kind, core.name, core.step_name(self.0.number), 0);
        spans::edge_failure(&branch, &failure);
        self.policy()
            .handle(core, Some(S::kept(message)), failure, branch)
    }
}

impl<S: WorkflowStep> Shared<S> {
    pub(super) fn waiting(&self) -> MutexGuard<'_, Waiting<S::Input>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leading(&self) -> MutexGuard<'_, Vec<Arc<Lane>>> {
        self.leading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lanes(&self) -> &Lanes {
        self.lanes
            .get_or_init(|| std::mem::take(&mut *self.leading()).into())
    }
}
