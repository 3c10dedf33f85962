//! The time of a topology: read often, so kept small.

use std::time::Duration;

use tokio::time::Instant;

/// Nanoseconds since the topology began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Tick(u64);

impl Tick {
    pub(crate) const fn plus(self, time: u64) -> Self {
        Self(self.0.saturating_add(time))
    }

    /// The nanoseconds since an earlier tick.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A time as a number of nanoseconds.
pub(crate) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Tells the time, as tokio has it: it stands still where that is paused.
pub(crate) struct Clock {
    began: Instant,
}

impl Clock {
    /// Begins now.
    pub(crate) fn start() -> Self {
        Self {
            began: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Tick {
        self.tick(Instant::now())
    }

    /// How long it has been running.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn tick(&self, at: Instant) -> Tick {
        Tick(nanos(at.saturating_duration_since(self.began)))
    }

    /// `None` beyond the clock's range.
    pub(crate) fn instant(&self, at: Tick) -> Option<Instant> {
        self.began.checked_add(Duration::from_nanos(at.0))
    }
}
