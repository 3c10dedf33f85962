//! The places of one edge.

use std::sync::{Arc, OnceLock};

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::stall::Watch;
use super::{EdgeSpec, Overflow, reserved};
use crate::fate::{Branch, Cancellation};
use crate::padded::Padded;
use crate::step::{Bounded, bounded};
use crate::telemetry::{Clock, EdgeMeter, Tick, nanos};

/// As many places as the edge's capacity. A message has one from the moment
/// there is room for it until a step starts on it.
pub struct Lane {
    pub(crate) spec: &'static EdgeSpec,
    pub(crate) meter: EdgeMeter,
    /// Nothing goes back along it, nothing is dropped there, and any replica may
    /// take what comes.
    pub(super) is_plain: bool,
    /// Half of the capacity, or the whole one of a single place.
    pub(super) half: usize,
    /// The edge's timeout in nanoseconds.
    pub(crate) timeout: u64,
    /// Half of it: from then on it is said that a message waits.
    pub(super) patience: u64,
    pub(super) watch: Watch,
    room: Padded<Semaphore>,
    /// Its number among the first edges, if it is one.
    entrance: OnceLock<u8>,
}

impl Lane {
    /// `has_seats` if it leads to a step whose replicas take certain messages only.
    pub(crate) fn new(spec: &'static EdgeSpec, has_seats: bool) -> Self {
        Self {
            spec,
            meter: EdgeMeter::default(),
            is_plain: spec.overflow == Overflow::Block && spec.back.is_none() && !has_seats,
            half: spec.capacity.div_ceil(2),
            timeout: nanos(spec.timeout),
            patience: nanos(spec.timeout / 2),
            watch: Watch::default(),
            room: Padded::new(Semaphore::new(spec.capacity.min(Semaphore::MAX_PERMITS))),
            entrance: OnceLock::new(),
        }
    }

    /// Messages begin here. Said while wiring.
    pub(super) fn is_entrance(&self, number: u8) {
        let _ = self.entrance.set(number);
    }

    /// Uses the place that is reserved for a message that is being accepted, if it
    /// can go the usual way.
    #[inline]
    pub(super) fn take_reserved(&self) -> bool {
        self.is_plain && self.take_reserved_specially()
    }

    /// The same, whichever way it goes.
    pub(super) fn take_reserved_specially(&self) -> bool {
        self.entrance
            .get()
            .is_some_and(|&number| reserved::take(number))
    }

    /// How many loops a message that comes back along it is inside; `None` if it leads
    /// forward.
    pub(super) fn depth(&self) -> Option<usize> {
        let back = self.spec.back.as_ref();
        back.map(|back| back.depth + 1)
    }

    /// When a message fails if nothing has started on it by then.
    #[inline]
    pub(super) fn expiry(&self, branch: &Branch, clock: &Clock) -> Tick {
        let expiry = branch.at.plus(self.timeout);
        match branch.scope().until {
            Some(until) => expiry.min(clock.tick(until)),
            None => expiry,
        }
    }

    /// When a message that was handed on then is looked at first while it waits: when
    /// half of its time is over, or when it fails.
    #[inline]
    pub(super) fn first_look(&self, branch: &Branch, at: Tick, clock: &Clock) -> Tick {
        let half = at.plus(self.patience);
        match branch.scope().until {
            Some(until) => half.min(clock.tick(until)),
            None => half,
        }
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

    /// Takes up to so many places, as far as there are any.
    pub(super) fn try_take_some(&self, most: usize) -> usize {
        let several = most.min(self.room.available_permits());
        let several = u32::try_from(several).unwrap_or(u32::MAX);
        if several > 1
            && let Ok(places) = self.room.try_acquire_many(several)
        {
            places.forget();
            return several as usize;
        }
        usize::from(self.try_take())
    }

    /// Gives places back that messages had.
    pub(super) fn give_back(&self, places: usize) {
        if places > 0 {
            self.room.add_permits(places);
        }
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

    /// The same, until then or until the message has no use for a place.
    pub(super) async fn place_until(
        self: &Arc<Self>,
        until: Option<Instant>,
        cancellation: Arc<Cancellation>,
    ) -> Bounded<Place> {
        bounded(self.place(), || until, || cancellation).await
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
