//! The places of one edge.

use tokio::sync::Semaphore;

use super::EdgeSpec;
use crate::telemetry::EdgeMeter;

/// As many places as the edge's capacity. A message has one from the moment
/// there is room for it until a step starts on it.
pub struct Lane {
    pub(crate) spec: &'static EdgeSpec,
    pub(crate) meter: EdgeMeter,
    room: Semaphore,
}

impl Lane {
    pub(crate) fn new(spec: &'static EdgeSpec) -> Self {
        Self {
            spec,
            meter: EdgeMeter::default(),
            room: Semaphore::new(spec.capacity.min(Semaphore::MAX_PERMITS)),
        }
    }

    /// Takes a place if there is one. Decided by the state of the edge alone.
    pub(crate) fn try_take_place(&self) -> bool {
        match self.room.try_acquire() {
            Ok(place) => {
                place.forget();
                true
            }
            Err(_) => false,
        }
    }

    /// Waits for a place, in the order of asking. Cancellation safe: a place
    /// that is not taken in the end is given back.
    pub(crate) async fn place(&self) {
        match self.room.acquire().await {
            Ok(place) => place.forget(),
            // Nobody closes the semaphore of a lane.
            Err(_) => std::future::pending().await,
        }
    }

    pub(crate) fn give_back_place(&self) {
        self.room.add_permits(1);
    }

    /// How many messages are on the edge.
    pub(crate) fn fill(&self) -> usize {
        self.spec
            .capacity
            .saturating_sub(self.room.available_permits())
    }
}
