//! The time of a topology: read often, so kept small.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
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
    let seconds = time.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(u64::from(time.subsec_nanos()))
}

/// Tells the time, as tokio has it: it stands still where that is paused.
///
/// Asking the system takes longer than all else that a hop does. So between two
/// looks at its clock, a second apart, the processor's counter is read instead,
/// where there is one to rely on.
pub(crate) struct Clock {
    began: Instant,
    counter: Option<Counter>,
}

struct Counter {
    clock: &'static quanta::Clock,
    /// What is to be added to the counter's nanoseconds, wrapping around.
    offset: AtomicU64,
    /// When to look at the system's clock again, by the counter.
    outdated: AtomicU64,
}

/// How long the counter is relied on, in nanoseconds.
const RELIED_ON: u64 = 1_000_000_000;

/// Finding out about the processor takes a while: once is enough.
static COUNTER: LazyLock<quanta::Clock> = LazyLock::new(quanta::Clock::new);

impl Clock {
    /// Begins now.
    pub(crate) fn start() -> Self {
        let began = Instant::now();
        let counter = (!is_paused()).then(|| Counter {
            clock: &COUNTER,
            offset: AtomicU64::new(0),
            outdated: AtomicU64::new(0),
        });
        Self { began, counter }
    }

    pub(crate) fn now(&self) -> Tick {
        let Some(counter) = &self.counter else {
            return self.tick(Instant::now());
        };
        let nanos = counter.clock.delta_as_nanos(0, counter.clock.raw());
        if nanos < counter.outdated.load(Ordering::Relaxed) {
            return Tick(nanos.wrapping_add(counter.offset.load(Ordering::Relaxed)));
        }
        let now = self.tick(Instant::now());
        let offset = now.0.wrapping_sub(nanos);
        counter.offset.store(offset, Ordering::Relaxed);
        let outdated = nanos.saturating_add(RELIED_ON);
        counter.outdated.store(outdated, Ordering::Relaxed);
        now
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

/// Whether tokio's time stands still while the system's goes on.
fn is_paused() -> bool {
    let (tokio, system) = (Instant::now(), std::time::Instant::now());
    while system.elapsed().is_zero() {}
    Instant::now() == tokio
}
