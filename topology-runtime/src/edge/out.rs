//! The end of a topology, where messages are answered.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::outlet::{Answer, Listener};
use super::{Lane, Outlet, Overflow, Place};
use crate::fate::{Branch, Delivery, Patience};
use crate::step::{Bounded, Failure, FailureKind};
use crate::supervisor::Core;
use crate::telemetry::spans;
use crate::topology::{End, Topology};

/// The edge to `out`. Whoever called has a place for the answer, so that answer
/// never waits for room; one that nobody called for waits until it is taken.
pub struct Out<T> {
    lane: Arc<Lane>,
    topology: std::marker::PhantomData<fn() -> T>,
}

impl<T> Clone for Out<T> {
    fn clone(&self) -> Self {
        Self {
            lane: Arc::clone(&self.lane),
            topology: std::marker::PhantomData,
        }
    }
}

impl<T: Topology> Out<T> {
    pub(crate) fn new(lane: Arc<Lane>) -> Self {
        Self {
            lane,
            topology: std::marker::PhantomData,
        }
    }

    /// Answers the message.
    pub fn offer(&self, answer: <T::End as End>::Output, branch: Branch) -> Delivery {
        if branch.is_cancelled() {
            self.lane.meter.offered();
            return branch.discard();
        }
        let journey = branch.journey();
        if journey.deadline.is_some() && journey.is_late(Instant::now()) {
            self.lane.meter.passed();
            return fail(branch, FailureKind::Deadline);
        }
        if journey.core.outlet.is_some() {
            self.lane.meter.offered();
            return self.let_out(Box::new(answer), branch);
        }
        self.lane.meter.passed();
        journey.complete(Box::new(answer), branch.at);
        branch.end()
    }

    /// Answers whoever listens, once there is room.
    fn let_out(&self, output: Box<dyn Any + Send>, branch: Branch) -> Delivery {
        let offered = Instant::now();
        let core = Arc::clone(&branch.journey().core);
        let Some(outlet) = &core.outlet else {
            return branch.discard();
        };
        if let Some(place) = self.lane.try_place() {
            return arrive(outlet, place, output, offered, branch);
        }
        if outlet.listener() != Listener::There {
            self.lane.meter.taken(Duration::ZERO);
            branch.journey().complete(Box::new(()), branch.at);
            return branch.end();
        }
        match self.lane.spec.overflow {
            Overflow::Block if branch.patience() == Patience::Wait => {
                let wait = wait_for_room(Arc::clone(&self.lane), core, output, offered, branch);
                Delivery::waiting(wait)
            }
            Overflow::Block => fail(branch, FailureKind::EdgeFull),
            Overflow::DropNewest => {
                self.lane.meter.dropped();
                fail(branch, FailureKind::Dropped)
            }
            Overflow::DropOldest => {
                // Its message has been answered: only the edge counts it.
                self.lane.meter.dropped();
                let oldest = outlet.pop_of(&self.lane);
                drop(oldest);
                match self.lane.try_place() {
                    Some(place) => arrive(outlet, place, output, offered, branch),
                    None => fail(branch, FailureKind::Dropped),
                }
            }
        }
    }

    pub(crate) fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }
}

/// The message is answered as soon as its answer has a place.
fn arrive(
    outlet: &Outlet,
    place: Place,
    output: Box<dyn Any + Send>,
    offered: Instant,
    branch: Branch,
) -> Delivery {
    if let Some(lane) = place.lane() {
        lane.meter.filled(lane.fill());
    }
    if branch.journey().complete(Box::new(()), branch.at) {
        outlet.push(Answer {
            place,
            output,
            offered,
        });
    }
    branch.end()
}

async fn wait_for_room(
    lane: Arc<Lane>,
    core: Arc<Core>,
    output: Box<dyn Any + Send>,
    offered: Instant,
    branch: Branch,
) {
    let blocked = lane.meter.blocked(&core.clock);
    let cancellation = branch.scope().cancellation();
    let timeout = offered.checked_add(lane.spec.timeout);
    let until = [timeout, branch.scope().until].into_iter().flatten().min();
    let ended = lane.place_until(until, cancellation).await;
    drop(blocked);
    let delivery = match (ended, &core.outlet) {
        (Bounded::Done(place), Some(outlet)) => {
            arrive(outlet, place, output, offered, branch.now())
        }
        (Bounded::TimedOut, _) => {
            lane.meter.timed_out();
            let lateness = branch.scope().lateness(Instant::now());
            fail(branch, lateness.unwrap_or(FailureKind::EdgeFull))
        }
        _ => branch.discard(),
    };
    delivery.complete().await;
}

/// Nothing is behind `out` that could take a failure: the message has failed.
fn fail(branch: Branch, kind: FailureKind) -> Delivery {
    let failure = Failure::new(kind, branch.journey().core.name, "out", 0);
    if *failure.kind() != FailureKind::Deadline {
        spans::edge_failure(&branch, &failure);
    }
    branch.fail_message(failure)
}
