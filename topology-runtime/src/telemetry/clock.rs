//! The time of a topology: read often, so kept small.

use std::ops::Range;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Nanoseconds since the topology began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Tick(u64);

impl Tick {
    pub(crate) const ZERO: Self = Self(0);

    pub(crate) const fn plus(self, time: u64) -> Self {
        Self(self.0.saturating_add(time))
    }

    /// So many nanoseconds earlier.
    #[cfg(feature = "process")]
    pub(crate) const fn minus(self, time: u64) -> Self {
        Self(self.0.saturating_sub(time))
    }

    /// The nanoseconds since an earlier tick.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A tick that several tasks may look at and change.
#[derive(Debug, Default)]
pub(crate) struct AtomicTick(AtomicU64);

impl AtomicTick {
    pub(crate) fn get(&self) -> Tick {
        Tick(self.0.load(Ordering::Relaxed))
    }

    #[inline]
    pub(crate) fn set(&self, at: Tick) {
        self.0.store(at.0, Ordering::Relaxed);
    }
}

/// A time as a number of nanoseconds.
pub(crate) fn nanos(time: Duration) -> u64 {
    let seconds = time.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(u64::from(time.subsec_nanos()))
}

/// Tells the time, as tokio has it: it stands still where that is paused.
///
/// Asking the system takes longer than most of what a hop does. So between two
/// looks at its clock the processor's counter is read instead, where there is
/// one to rely on.
pub(crate) struct Clock {
    began: Instant,
    counter: Option<Counter>,
}

struct Counter {
    clock: &'static quanta::Clock,
    /// How many nanoseconds 2^32 counts are.
    scale: u64,
    /// What is to be added to the counter's nanoseconds, wrapping around.
    offset: AtomicU64,
    /// When the system's clock was looked at, by the counter.
    looked: AtomicU64,
    /// When it is to be looked at again; never later than now if the counter has
    /// turned out to be wrong.
    outdated: AtomicU64,
}

/// How long the counter is relied on at first, and at most, in nanoseconds.
const RELIED_ON: (u64, u64) = (1_000_000, 1_000_000_000);

/// How long a look at the system's clock takes if something else has run meanwhile, in
/// nanoseconds.
const INTERRUPTED: u64 = 10_000;

/// Finding out about the processor takes a while: once is enough.
static COUNTER: LazyLock<quanta::Clock> = LazyLock::new(quanta::Clock::new);

impl Clock {
    /// Begins now.
    pub(crate) fn start() -> Self {
        let began = Instant::now();
        let counter = (!is_paused()).then(|| Counter::new(&COUNTER));
        Self { began, counter }
    }

    #[inline]
    pub(crate) fn now(&self) -> Tick {
        let Some(counter) = &self.counter else {
            return self.tick(Instant::now());
        };
        let nanos = counter.nanos();
        if nanos < counter.outdated.load(Ordering::Relaxed) {
            return Tick(nanos.wrapping_add(counter.offset.load(Ordering::Relaxed)));
        }
        self.look(counter)
    }

    /// Asks the system.
    #[cold]
    fn look(&self, counter: &Counter) -> Tick {
        let before = counter.nanos();
        let now = self.tick(Instant::now());
        counter.compare(before..counter.nanos(), now);
        now
    }

    /// Whether it stands still while the system's goes on.
    pub(crate) fn is_paused(&self) -> bool {
        self.counter.is_none()
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

impl Counter {
    fn new(clock: &'static quanta::Clock) -> Self {
        Self {
            clock,
            scale: clock.delta_as_nanos(0, 1 << 32),
            offset: AtomicU64::new(0),
            looked: AtomicU64::new(0),
            outdated: AtomicU64::new(0),
        }
    }

    #[inline]
    fn nanos(&self) -> u64 {
        let nanos = u128::from(self.clock.raw()) * u128::from(self.scale);
        // What does not fit wraps around, as the offset does.
        #[expect(clippy::cast_possible_truncation, reason = "it wraps around")]
        let nanos = (nanos >> 32) as u64;
        nanos
    }

    /// Says what time it was by the system's clock, and what the counter said before
    /// and after that look.
    fn compare(&self, nanos: Range<u64>, now: Tick) {
        // Whoever was interrupted meanwhile cannot compare them.
        if nanos.end.saturating_sub(nanos.start) >= INTERRUPTED {
            return;
        }
        let nanos = nanos.start;
        let looked = self.looked.load(Ordering::Relaxed);
        let relied_on = nanos.saturating_sub(looked);
        let offset = now.0.wrapping_sub(nanos);
        let drift = offset.wrapping_sub(self.offset.load(Ordering::Relaxed));
        let drift = drift.min(drift.wrapping_neg());
        let is_wrong = looked > 0 && drift > 2 * INTERRUPTED + relied_on / 1_000;
        if is_wrong {
            self.outdated.store(0, Ordering::Relaxed);
            return;
        }
        self.offset.store(offset, Ordering::Relaxed);
        self.looked.store(nanos, Ordering::Relaxed);
        let (first, longest) = RELIED_ON;
        let next = if looked == 0 { first } else { 2 * relied_on };
        let outdated = nanos.saturating_add(next.clamp(first, longest));
        self.outdated.store(outdated, Ordering::Relaxed);
    }
}

/// Whether tokio's time stands still while the system's goes on.
fn is_paused() -> bool {
    let (tokio, system) = (Instant::now(), std::time::Instant::now());
    while system.elapsed().is_zero() {}
    Instant::now() == tokio
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_agrees_is_relied_on_for_longer_and_longer() {
        let counter = Counter::new(&COUNTER);
        let begun = counter.nanos() + 1_000_000_000;
        let mut at = begun;
        for _ in 0..20 {
            counter.compare(at..at, Tick(at - begun));
            let outdated = counter.outdated.load(Ordering::Relaxed);
            assert!(outdated > at);
            at = outdated;
        }
        let looked = counter.looked.load(Ordering::Relaxed);
        assert_eq!(at - looked, RELIED_ON.1);
    }

    #[test]
    fn a_counter_that_runs_away_is_not_relied_on_any_more() {
        let counter = Counter::new(&COUNTER);
        let begun = counter.nanos() + 1_000_000_000;
        counter.compare(begun..begun, Tick(0));
        let later = begun + 1_000_000;
        counter.compare(later..later, Tick(2_000_000));
        assert_eq!(counter.outdated.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_look_that_was_interrupted_says_nothing() {
        let counter = Counter::new(&COUNTER);
        let begun = counter.nanos() + 1_000_000_000;
        let interrupted = |at: u64| at..at + 5_000_000;
        counter.compare(interrupted(begun), Tick(5_000_000));
        assert_eq!(counter.outdated.load(Ordering::Relaxed), 0, "asked again");
        counter.compare(begun..begun, Tick(0));
        let outdated = counter.outdated.load(Ordering::Relaxed);
        counter.compare(interrupted(outdated), Tick(outdated - begun + 5_000_000));
        counter.compare(outdated..outdated, Tick(outdated - begun));
        assert!(
            counter.outdated.load(Ordering::Relaxed) > outdated,
            "relied on"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn paused_time_stands_still() {
        let clock = Clock::start();
        let began = clock.now();
        assert_eq!(clock.now(), began);
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(clock.now().since(began), 7_000_000_000);
    }
}
