//! The end of a topology, where messages are answered.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Lane;
use crate::fate::{Branch, Delivery};
use crate::step::{Failure, FailureKind};
use crate::topology::{End, Topology};

/// The edge to `out`. Whoever called has a place for the answer, so an answer
/// never waits for room.
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
        self.lane.meter.offered();
        if branch.is_cancelled() {
            return branch.discard();
        }
        self.lane.meter.taken(Duration::ZERO);
        let journey = branch.journey();
        if journey.deadline.is_some() && journey.is_late(Instant::now()) {
            let failure = Failure::new(FailureKind::Deadline, journey.core.name, "out", 0);
            branch.fail_message(failure)
        } else {
            journey.complete(Box::new(answer));
            branch.end()
        }
    }

    pub(crate) fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }
}
