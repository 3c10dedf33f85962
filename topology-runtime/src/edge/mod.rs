//! Bounded, timed queues between steps.
//!
//! Each step has one [`Queue`]; each edge that leads to it has a [`Lane`] of it
//! with places of its own. A message takes a place of its lane, waits in the
//! queue, and gives the place back when a step starts on it.

mod collect;
mod join;
mod lane;
mod out;
mod outlet;
mod queue;
mod race;
mod receiver;
mod spec;
mod timekeeper;

use std::sync::Arc;

use tokio::time::Instant;

pub use self::collect::{Collect, Gather, each};
pub use self::join::Part;
pub use self::lane::Lane;
pub(crate) use self::lane::Place;
pub use self::out::Out;
pub(crate) use self::outlet::Outlet;
use self::queue::Item;
pub use self::queue::Queue;
pub(crate) use self::queue::{AnyQueue, Taken, Waiter};
pub use self::race::{Finish, First};
pub use self::receiver::{Accepts, Receiver};
pub(crate) use self::spec::Rounds;
pub use self::spec::{Back, EdgeSpec, Overflow};
pub(crate) use self::timekeeper::Timekeeper;
use crate::fate::{Branch, Delivery, Patience};
use crate::step::{Bounded, Failure, FailureKind, FromFailure, WorkflowStep, bounded};
use crate::telemetry::{Links, spans};

/// A way into a step's queue.
pub struct Edge<S: WorkflowStep> {
    queue: Queue<S>,
    lane: Arc<Lane>,
}

impl<S: WorkflowStep> Clone for Edge<S> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
            lane: Arc::clone(&self.lane),
        }
    }
}

impl<S: WorkflowStep> Edge<S> {
    pub(crate) fn new(queue: Queue<S>, lane: Arc<Lane>) -> Self {
        if lane.spec.back.is_some() {
            queue.head_a_loop();
        }
        Self { queue, lane }
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
    pub fn enter(&self, message: S::Input, branch: Branch) -> Delivery {
        let offered = branch.journey().offered;
        let place = branch.journey().reserved(&self.lane);
        let item = self.item(message, branch, Links::NONE, offered);
        match place {
            Some(place) => {
                self.lane.meter.offered();
                self.queue.push(place, item);
                Delivery::DONE
            }
            None => self.shed(item),
        }
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

    pub(crate) fn put(&self, message: S::Input, branch: Branch, links: Links) -> Delivery {
        if branch.is_cancelled() {
            return branch.discard();
        }
        let branch = match self.go_back(branch) {
            Ok(branch) => branch,
            Err(failed) => return failed,
        };
        let patience = branch.patience;
        let item = self.item(message, branch, links, Instant::now());
        if self.lane.spec.overflow != Overflow::Block {
            return self.shed(item);
        }
        self.lane.meter.offered();
        if let Some(place) = self.lane.try_place() {
            self.queue.push(place, item);
            Delivery::DONE
        } else if patience == Patience::Now {
            self.queue.fail(item, FailureKind::EdgeFull)
        } else {
            let (queue, lane) = (self.queue.clone(), Arc::clone(&self.lane));
            Delivery::waiting(Self { queue, lane }.wait_for_room(item))
        }
    }

    /// Counts a round, if this is a back edge, and lets joins of the loop begin
    /// anew.
    fn go_back(&self, mut branch: Branch) -> Result<Branch, Delivery> {
        let Some(back) = &self.lane.spec.back else {
            return Ok(branch);
        };
        if branch.rounds.take(back) {
            branch.scope().part(back.joins);
            return Ok(branch);
        }
        let kind = FailureKind::TooManyRounds(back.rounds);
        let workflow = branch.journey().core.name;
        let failure = Failure::new(kind, workflow, self.lane.spec.to, 0);
        spans::edge_failure(&branch, &failure);
        Err(branch.fail(failure))
    }

    fn item(
        &self,
        message: S::Input,
        branch: Branch,
        links: Links,
        offered: Instant,
    ) -> Item<S::Input> {
        let mut expiry = offered + self.lane.spec.timeout;
        if let Some(until) = branch.scope().until {
            expiry = expiry.min(until);
        }
        Item {
            message,
            branch,
            lane: Arc::clone(&self.lane),
            offered,
            expiry,
            links,
        }
    }

    async fn wait_for_room(self, item: Item<S::Input>) {
        self.lane.meter.blocked();
        let cancellation = Arc::clone(&item.branch.scope().cancellation);
        match bounded(self.lane.place(), Some(item.expiry), &cancellation).await {
            Bounded::Done(place) => self.queue.push(place, item),
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
        self.lane.meter.offered();
        if let Some(place) = self.lane.try_place() {
            self.queue.push(place, item);
            return Delivery::DONE;
        }
        let mut dropped = match self.lane.spec.overflow {
            Overflow::DropOldest => self.queue.replace_oldest(item),
            _ => item,
        };
        self.lane.meter.dropped();
        dropped.branch.patience = Patience::Now;
        self.queue.fail(dropped, FailureKind::Dropped)
    }
}
