//! Bounded, timed queues between steps.
//!
//! Each step has one [`Queue`]; each edge that leads to it has a [`Lane`] of it
//! with places of its own. A message takes a place of its lane, waits in the
//! queue, and gives the place back when a step starts on it.

mod collect;
mod expiry;
mod held;
mod inbox;
mod join;
mod key;
mod lane;
mod limited;
mod out;
mod outbox;
mod outlet;
mod queue;
mod race;
mod receiver;
mod reserved;
mod scale;
mod seats;
mod sleep;
mod slot;
mod spec;
mod stall;
mod station;
mod timekeeper;

use std::sync::Arc;

pub use self::collect::{Collect, Gather, each};
pub(crate) use self::expiry::AnyQueue;
pub(crate) use self::held::Held;
pub(crate) use self::inbox::Inbox;
pub use self::join::Part;
use self::key::Key;
pub use self::lane::Lane;
pub(crate) use self::lane::Place;
pub use self::out::Out;
pub(crate) use self::outbox::{Handed, Leaving, Outbox};
pub(crate) use self::outlet::Outlet;
pub use self::queue::Queue;
pub(crate) use self::queue::{Item, Taken};
pub use self::race::{Finish, First};
pub use self::receiver::{Accepts, Receiver};
pub(crate) use self::reserved::{Entrances, Places, Reserved};
pub(crate) use self::seats::Seats;
pub(crate) use self::spec::Rounds;
pub use self::spec::{Back, EdgeSpec, Overflow};
pub(crate) use self::stall::Stall;
pub(crate) use self::station::{DEEPEST, Next, Station};
pub(crate) use self::timekeeper::Timekeeper;
use crate::fate::{Branch, Delivery, Patience};
use crate::step::{Bounded, Failure, FailureKind, FromFailure, WorkflowStep};
use crate::supervisor::turn;
use crate::telemetry::{Links, Tick, spans};

/// A way into a step's queue.
pub struct Edge<S: WorkflowStep> {
    queue: Queue<S>,
    lane: Arc<Lane>,
    /// Which of the edges that lead to the queue this is.
    number: u32,
}

impl<S: WorkflowStep> Clone for Edge<S> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
            lane: Arc::clone(&self.lane),
            number: self.number,
        }
    }
}

impl<S: WorkflowStep> Edge<S> {
    pub(crate) fn new(queue: Queue<S>, lane: Arc<Lane>) -> Self {
        let number = queue.led_to(Arc::clone(&lane));
        Self {
            queue,
            lane,
            number,
        }
    }

    /// The edge's places.
    pub fn lane(&self) -> Arc<Lane> {
        Arc::clone(&self.lane)
    }

    /// Offers what a step returned.
    pub fn offer(&self, message: S::Input, branch: Branch) -> Delivery {
        self.put(message, branch, Links::NONE)
    }

    /// Puts a message from outside on the edge: its place was reserved before
    /// it was accepted.
    #[inline]
    pub fn enter(&self, message: S::Input, branch: Branch) -> Delivery {
        let mut turn = turn::current();
        let lent = turn.get().and_then(|turn| self.lent_to(turn));
        let (mut message, mut branch) = (message, branch);
        if let Some(lent) = lent {
            drop(turn);
            match self.pass_in_turn(lent, message, branch) {
                Ok(()) => return Delivery::DONE,
                Err(back) => (message, branch) = back,
            }
            turn = turn::current();
        }
        if !self.lane.take_reserved() {
            drop(turn);
            return self.enter_specially(self.item(message, branch, Links::NONE));
        }
        match turn.get() {
            Some(own) => {
                let outgoing = own.outbox.outgoing(&self.queue);
                let handed = Handed::by(&branch);
                if outgoing.add(message, (branch, handed), Links::NONE, self.number) {
                    drop(turn);
                    turn::tell();
                }
            }
            None => {
                let item = self.item(message, branch, Links::NONE);
                self.queue.push_counted(item, true);
            }
        }
        Delivery::DONE
    }

    /// Offers what a failed step leaves.
    pub(crate) fn offer_failure<F: WorkflowStep>(
        &self,
        kept: Option<F::Kept>,
        failure: Failure,
        branch: Branch,
    ) -> Delivery
    where
        S::Input: FromFailure<F::Kept, F::Input>,
    {
        match S::Input::from_failure(kept, failure.clone()) {
            Some(message) => self.put(message, branch, Links::NONE),
            // The payload is gone: only a failure remains.
            None => branch.fail(failure),
        }
    }

    /// Puts what a step returned then on its way, if there is a place for it and nothing
    /// else to ask. Whether the turn is to tell now what it has; what is not on its
    /// way comes back.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    pub(crate) fn put_plainly<M>(
        &self,
        message: M,
        branch: (Branch, Handed),
        take: impl FnOnce(M) -> S::Input,
    ) -> Result<bool, (M, Branch)> {
        let (branch, handed) = branch;
        let mut turn = turn::current();
        if self.lane.is_plain
            && !branch.is_cancelled()
            && let Some(turn) = turn.get()
        {
            let outgoing = turn.outbox.outgoing(&self.queue);
            if outgoing.place(self.number as usize) {
                let message = take(message);
                let branch = (branch, handed);
                return Ok(outgoing.add(message, branch, Links::NONE, self.number));
            }
        }
        Err((message, branch))
    }

    /// Those that were put on their way, it was not known when, were so when they say,
    /// or only then. `true` if the turn is to tell what it has.
    pub(crate) fn are_timed(&self, late: Option<Tick>) -> bool {
        turn::current().get().is_some_and(|turn| {
            let outgoing = turn.outbox.outgoing(&self.queue);
            outgoing.are_timed(late)
        })
    }

    #[inline]
    pub(crate) fn put(&self, message: S::Input, branch: Branch, links: Links) -> Delivery {
        if branch.is_cancelled() {
            return branch.discard();
        }
        if !self.lane.is_plain {
            return self.put_specially(message, branch, links);
        }
        let (mut message, mut branch) = (message, branch);
        let mut turn = turn::current();
        if links.are_none()
            && let Some(lent) = turn.get().and_then(|turn| self.lent_to(turn))
        {
            drop(turn);
            match self.pass_in_turn(lent, message, branch) {
                Ok(()) => return Delivery::DONE,
                Err(back) => (message, branch) = back,
            }
            turn = turn::current();
        }
        if let Some(own) = turn.get() {
            let outgoing = own.outbox.outgoing(&self.queue);
            if outgoing.place(self.number as usize) {
                let handed = Handed::by(&branch);
                if outgoing.add(message, (branch, handed), links, self.number) {
                    drop(turn);
                    turn::tell();
                }
                return Delivery::DONE;
            }
            // What is kept there may have all the places, and goes first.
            own.tell();
        }
        drop(turn);
        self.put_at_once(self.item(message, branch, links))
    }

    /// Puts a message from outside on an edge that drops, or where messages have
    /// keys.
    #[cold]
    fn enter_specially(&self, item: Item<S::Input>) -> Delivery {
        if let Some(turn) = turn::current().get() {
            turn.tell();
        }
        let has_place = self.lane.take_reserved_specially();
        match self.queue.with_key(item) {
            Ok(item) if has_place => {
                self.queue.push_counted(item, true);
                Delivery::DONE
            }
            Ok(item) => self.shed(item),
            Err(failed) => {
                self.lane.give_back(usize::from(has_place));
                failed
            }
        }
    }

    /// Puts a message on a back edge, on one that drops, or where messages have
    /// keys.
    #[cold]
    fn put_specially(&self, message: S::Input, branch: Branch, links: Links) -> Delivery {
        let branch = match self.go_back(branch) {
            Ok(branch) => branch,
            Err(failed) => return failed,
        };
        let item = match self.queue.with_key(self.item(message, branch, links)) {
            Ok(item) => item,
            Err(failed) => return failed,
        };
        if self.lane.spec.overflow == Overflow::Block {
            self.put_at_once(item)
        } else {
            self.shed(item)
        }
    }

    /// Puts an item into the queue, or waits for its place.
    #[inline(never)]
    fn put_at_once(&self, item: Item<S::Input>) -> Delivery {
        let patience = item.branch.patience();
        if self.lane.try_take() {
            self.queue.push_counted(item, true);
            return Delivery::DONE;
        }
        self.lane.meter.offered();
        if patience == Patience::Now {
            self.queue.fail(item, FailureKind::EdgeFull)
        } else {
            Delivery::waiting(self.clone().wait_for_room(item))
        }
    }

    /// Counts a round, if this is a back edge, and lets joins of the loop begin
    /// anew.
    fn go_back(&self, mut branch: Branch) -> Result<Branch, Delivery> {
        let Some(back) = &self.lane.spec.back else {
            return Ok(branch);
        };
        if branch.go_back(back) {
            branch.scope().part(back.joins);
            return Ok(branch);
        }
        let kind = FailureKind::TooManyRounds(back.rounds);
        let workflow = branch.journey().core.name;
        let failure = Failure::new(kind, workflow, self.lane.spec.to, 0);
        spans::edge_failure(&branch, &failure);
        Err(branch.fail(failure))
    }

    #[inline]
    fn item(&self, message: S::Input, branch: Branch, links: Links) -> Item<S::Input> {
        Item {
            message,
            branch,
            links,
            lane: self.number,
            key: Key::default(),
        }
    }

    async fn wait_for_room(self, item: Item<S::Input>) {
        let blocked = self.lane.meter.blocked(&self.queue.core().clock);
        let cancellation = item.branch.scope().cancellation();
        let expiry = self.queue.core().clock.instant(self.queue.expiry(&item));
        let ended = self.lane.place_until(expiry, cancellation).await;
        drop(blocked);
        match ended {
            Bounded::Done(place) => {
                place.hand_over();
                self.queue.push(item);
            }
            Bounded::Cancelled => {
                let _ = item.branch.discard();
            }
            Bounded::TimedOut => {
                self.lane.meter.timed_out();
                self.queue
                    .fail(item, FailureKind::EdgeFull)
                    .complete()
                    .await;
            }
        }
    }

    /// Puts a message on an edge that drops rather than waits. What is dropped
    /// is decided by the queue's state alone, and waits nowhere else: whoever
    /// offers must not wait for it.
    fn shed(&self, item: Item<S::Input>) -> Delivery {
        if self.lane.try_take() {
            self.queue.push_counted(item, true);
            return Delivery::DONE;
        }
        self.lane.meter.offered();
        let mut dropped = match self.lane.spec.overflow {
            Overflow::DropOldest => self.queue.replace_oldest(item),
            _ => item,
        };
        self.lane.meter.dropped();
        dropped.branch.set_patience(Patience::Now);
        self.queue.fail(dropped, FailureKind::Dropped)
    }
}
