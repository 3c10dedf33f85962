//! The places of one edge.

use std::sync::Arc;

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
    pub(crate) fn try_place(self: &Arc<Self>) -> Option<Place> {
        let place = self.room.try_acquire().ok()?;
        place.forget();
        Some(Place(Arc::clone(self)))
    }

    /// Waits for a place, in the order of asking. Cancellation safe: a place
    /// that is not taken in the end is given back.
    pub(crate) async fn place(self: &Arc<Self>) -> Place {
        match self.room.acquire().await {
            Ok(place) => place.forget(),
            // Nobody closes the semaphore of a lane.
            Err(_) => std::future::pending().await,
        }
        Place(Arc::clone(self))
    }

    /// How many messages are on the edge.
    pub(crate) fn fill(&self) -> usize {
        self.spec
            .capacity
            .saturating_sub(self.room.available_permits())
    }
}

/// A place on an edge, given back when dropped.
pub(crate) struct Place(Arc<Lane>);

impl Place {
    pub(crate) fn lane(&self) -> &Lane {
        &self.0
    }

    /// Whether it is a place of that edge.
    pub(crate) fn is_of(&self, lane: &Arc<Lane>) -> bool {
        Arc::ptr_eq(&self.0, lane)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.room.add_permits(1);
    }
}
