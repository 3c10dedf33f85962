//! What is worth saying, but not each time.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Tick;

/// Says something once in a while.
#[derive(Debug, Default)]
pub(crate) struct Seldom {
    /// When it is due again; at first it is at once.
    due: AtomicU64,
}

/// How long it is silent afterwards, in nanoseconds.
const SILENCE: u64 = 10_000_000_000;

impl Seldom {
    /// Whether it is to be said now, which is then the last time for ten seconds.
    pub(crate) fn is_due(&self, now: Tick) -> bool {
        let now = now.since(Tick::ZERO);
        let due = self.due.load(Ordering::Relaxed);
        let next = now.saturating_add(SILENCE);
        let claim = || {
            self.due
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
        };
        now >= due && claim().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_silent_for_ten_seconds() {
        let seldom = Seldom::default();
        let said = [0, 1, 9_999, 10_000, 15_000, 20_001].map(|millis| {
            let at = Tick::ZERO.plus(millis * 1_000_000);
            seldom.is_due(at)
        });
        assert_eq!(said, [true, false, false, true, false, true]);
    }
}
