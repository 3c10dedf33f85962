//! The places of one edge.

use std::sync::{Arc, OnceLock};

use tokio::sync::Semaphore;

use super::{EdgeSpec, reserved};
use crate::telemetry::{EdgeMeter, nanos};

/// As many places as the edge's capacity. A message has one from the moment
/// there is room for it until a step starts on it.
pub struct Lane {
    pub(crate) spec: &'static EdgeSpec,
    pub(crate) meter: EdgeMeter,
    /// The edge's timeout in nanoseconds.
    pub(crate) timeout: u64,
    room: Semaphore,
    /// Its number among the first edges, if it is one.
    entrance: OnceLock<u8>,
}

impl Lane {
    pub(crate) fn new(spec: &'static EdgeSpec) -> Self {
        Self {
            spec,
            meter: EdgeMeter::default(),
            timeout: nanos(spec.timeout),
            room: Semaphore::new(spec.capacity.min(Semaphore::MAX_PERMITS)),
            entrance: OnceLock::new(),
        }
    }

    /// Messages begin here. Said while wiring.
    pub(super) fn is_entrance(&self, number: u8) {
        let _ = self.entrance.set(number);
    }

    /// Uses the place that is reserved for a message that is being accepted.
    pub(super) fn take_reserved(&self) -> bool {
        self.entrance
            .get()
            .is_some_and(|&number| reserved::take(number))
    }

    /// Takes a place if there is one, for a message that gives it back. Decided
    /// by the state of the edge alone.
    pub(crate) fn try_take(&self) -> bool {
        match self.room.try_acquire() {
            Ok(place) => {
                place.forget();
                true
            }
            Err(_) => false,
        }
    }

    /// Gives places back that messages had.
    pub(super) fn give_back(&self, places: usize) {
        self.room.add_permits(places);
    }

    /// Takes a place if there is one.
    pub(crate) fn try_place(self: &Arc<Self>) -> Option<Place> {
        self.try_take().then(|| Place(Some(Arc::clone(self))))
    }

    /// Waits for a place, in the order of asking. Cancellation safe: a place
    /// that is not taken in the end is given back.
    pub(crate) async fn place(self: &Arc<Self>) -> Place {
        match self.room.acquire().await {
            Ok(place) => place.forget(),
            // Nobody closes the semaphore of a lane.
            Err(_) => std::future::pending().await,
        }
        Place(Some(Arc::clone(self)))
    }

    /// How many messages are on the edge.
    pub(crate) fn fill(&self) -> usize {
        self.spec
            .capacity
            .saturating_sub(self.room.available_permits())
    }
}

/// A place on an edge, given back when dropped.
pub(crate) struct Place(Option<Arc<Lane>>);

impl Place {
    /// The place that a message had, by itself.
    pub(super) fn of(lane: Arc<Lane>) -> Self {
        Self(Some(lane))
    }

    pub(crate) fn lane(&self) -> Option<&Lane> {
        self.0.as_deref()
    }

    /// Whether it is a place of that edge.
    pub(crate) fn is_of(&self, lane: &Arc<Lane>) -> bool {
        self.0.as_ref().is_some_and(|own| Arc::ptr_eq(own, lane))
    }

    /// Leaves the place to a message, which gives it back.
    pub(crate) fn hand_over(mut self) {
        self.0 = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(lane) = &self.0 {
            lane.give_back(1);
        }
    }
}
