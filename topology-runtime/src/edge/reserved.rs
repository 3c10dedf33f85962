//! Places on first edges, taken before a message is accepted.

use std::cell::Cell;
use std::sync::Arc;

use super::{Lane, Overflow};

thread_local! {
    /// Of the message that is being accepted on this thread: the places that are
    /// still reserved, a bit for each first edge.
    static RESERVED: Cell<u128> = const { Cell::new(0) };
}

/// The first edges of a beginning, by number.
pub(crate) struct Entrances(Box<[Arc<Lane>]>);

/// Places on them, given back when dropped.
pub(crate) struct Reserved<'e> {
    entrances: &'e Entrances,
    places: u128,
}

impl Entrances {
    /// # Panics
    ///
    /// Panics if there are more than 128.
    pub(crate) fn new(lanes: impl IntoIterator<Item = Arc<Lane>>) -> Self {
        let lanes: Box<[_]> = lanes.into_iter().collect();
        assert!(
            lanes.len() <= 128,
            "messages begin on at most 128 edges at once"
        );
        for (lane, number) in lanes.iter().zip(0..) {
            lane.is_entrance(number);
        }
        Self(lanes)
    }

    /// Those that wait for room, with their numbers.
    pub(crate) fn blocking(&self) -> impl Iterator<Item = (u8, &Arc<Lane>)> {
        let numbered = (0..).zip(&self.0);
        numbered.filter(|(_, lane)| lane.spec.overflow == Overflow::Block)
    }

    /// No places yet.
    pub(crate) fn places(&self) -> Places {
        Places(self.0.iter().map(|_| 0).collect())
    }

    /// A place on each of those that wait for room; `None` if one has none.
    pub(crate) fn reserve(&self, places: &mut Places) -> Option<Reserved<'_>> {
        let mut reserved = Reserved::none(self);
        for (number, lane) in self.blocking() {
            let places = &mut places.0[usize::from(number)];
            if *places == 0 {
                *places = lane.try_take_some(TOGETHER);
            }
            if *places == 0 {
                return None;
            }
            *places -= 1;
            reserved.add(number);
        }
        Some(reserved)
    }

    /// Gives places back that no message got.
    pub(crate) fn give_back(&self, places: &mut Places) {
        for (lane, places) in self.0.iter().zip(&mut places.0) {
            lane.give_back(std::mem::take(places));
        }
    }
}

/// Places on first edges for messages to come: several are taken at once.
pub(crate) struct Places(Box<[usize]>);

/// How many.
const TOGETHER: usize = 32;

impl<'e> Reserved<'e> {
    #[inline]
    pub(crate) fn none(entrances: &'e Entrances) -> Self {
        Self {
            entrances,
            places: 0,
        }
    }

    /// One more, which is taken already.
    pub(crate) fn add(&mut self, number: u8) {
        self.places |= 1 << number;
    }

    /// Has a message enter, whose places these are. Those that it does not use
    /// are given back.
    pub(crate) fn enter<T>(mut self, enter: impl FnOnce() -> T) -> T {
        struct Entering<'r, 'e>(&'r mut Reserved<'e>, u128);

        impl Drop for Entering<'_, '_> {
            fn drop(&mut self) {
                self.0.places = RESERVED.replace(self.1);
            }
        }

        let places = std::mem::take(&mut self.places);
        let _entering = Entering(&mut self, RESERVED.replace(places));
        enter()
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if self.places == 0 {
            return;
        }
        for (number, lane) in self.entrances.blocking() {
            if self.places & 1 << number != 0 {
                lane.give_back(1);
            }
        }
    }
}

/// Uses the place that is reserved on that first edge, if one is.
pub(super) fn take(number: u8) -> bool {
    let (reserved, place) = (RESERVED.get(), 1 << number);
    RESERVED.set(reserved & !place);
    reserved & place != 0
}
