//! How often a step may begin an attempt.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::telemetry::{Tick, nanos};

/// So many attempts within such a time, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    attempts: usize,
    per: Duration,
}

/// Keeps the attempts of a step, all replicas together, below its rate.
///
/// It remembers when the last of them began, as many as there may be (a sliding
/// window log): however a window of the rate's time is laid, no more begin in it, and
/// none waits that could have begun. A bucket of tokens would remember less, and let
/// twice as many begin in the window behind a pause.
pub(crate) struct Limiter {
    attempts: usize,
    /// In nanoseconds.
    per: u64,
    /// Never more than `attempts`, the first of them first. The last ones may be
    /// still to come.
    begun: Mutex<VecDeque<Tick>>,
}

impl Rate {
    /// So many within such a time.
    pub const fn new(attempts: usize, per: Duration) -> Self {
        Self { attempts, per }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} within {:?}", self.attempts, self.per)
    }
}

impl Limiter {
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            attempts: rate.attempts,
            per: nanos(rate.per),
            begun: Mutex::default(),
        }
    }

    /// When the next attempt may begin, if not now.
    pub(crate) fn next(&self, now: Tick) -> Option<Tick> {
        let next = self.next_of(&self.begun());
        next.filter(|next| *next > now)
    }

    /// Begins an attempt, if one may begin now.
    pub(crate) fn begin(&self, now: Tick) -> bool {
        self.reserve(now, now).is_some()
    }

    /// An attempt will begin as soon as one may, which is the answer; `None` if that
    /// is too late.
    pub(crate) fn reserve(&self, now: Tick, latest: Tick) -> Option<Tick> {
        let mut begun = self.begun();
        let at = self.next_of(&begun).map_or(now, |next| next.max(now));
        if at > latest {
            return None;
        }
        if begun.len() >= self.attempts {
            begun.pop_front();
        }
        begun.push_back(at);
        Some(at)
    }

    /// The attempt that was begun at that time came to nothing, and does not count.
    pub(crate) fn take_back(&self, at: Tick) {
        let mut begun = self.begun();
        if let Some(position) = begun.iter().rposition(|other| *other == at) {
            begun.remove(position);
        }
    }

    fn next_of(&self, begun: &VecDeque<Tick>) -> Option<Tick> {
        let is_used_up = begun.len() >= self.attempts;
        let first = begun.front().filter(|_| is_used_up)?;
        Some(first.plus(self.per))
    }

    fn begun(&self) -> MutexGuard<'_, VecDeque<Tick>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(nanos: u64) -> Tick {
        Tick::ZERO.plus(nanos)
    }

    fn two_in_ten() -> Limiter {
        Limiter::new(Rate::new(2, Duration::from_nanos(10)))
    }

    #[test]
    fn so_many_begin_in_any_window() {
        let limiter = two_in_ten();
        let begun = (0..40).filter(|&now| limiter.begin(at(now)));
        assert_eq!(begun.collect::<Vec<_>>(), [0, 1, 10, 11, 20, 21, 30, 31]);
    }

    #[test]
    fn after_a_pause_no_more_begin_than_ever() {
        let limiter = two_in_ten();
        let begun = (100..125).filter(|&now| limiter.begin(at(now)));
        assert_eq!(begun.collect::<Vec<_>>(), [100, 101, 110, 111, 120, 121]);
    }

    #[test]
    fn what_is_reserved_is_nobody_elses() {
        let limiter = two_in_ten();
        assert!(limiter.begin(at(0)) && limiter.begin(at(4)));
        assert_eq!(limiter.reserve(at(5), at(9)), None);
        assert_eq!(limiter.reserve(at(5), at(20)), Some(at(10)));
        assert_eq!(limiter.next(at(6)), Some(at(14)));
        assert!(!limiter.begin(at(13)) && limiter.begin(at(14)));
    }

    #[test]
    fn what_came_to_nothing_does_not_count() {
        let limiter = two_in_ten();
        assert!(limiter.begin(at(0)) && limiter.begin(at(4)));
        limiter.take_back(at(4));
        assert!(limiter.begin(at(5)) && !limiter.begin(at(6)));
        assert_eq!(limiter.next(at(6)), Some(at(10)));
    }
}
