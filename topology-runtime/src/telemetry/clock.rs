//! The time of a topology: read often, so kept small.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
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

/// The processor's counter, and what its counts have turned out to mean.
struct Counter {
    clock: &'static quanta::Clock,
    /// Which of the scales is in use.
    current: AtomicUsize,
    scales: [Scale; Self::SCALES],
    /// Held by whoever begins another.
    correcting: Mutex<()>,
}

/// What a count means. One that turns out to be wrong is not changed but followed by
/// another: whoever is just reading it has no half of each.
#[derive(Default)]
struct Scale {
    /// How many nanoseconds 2^32 counts are; said before it is used.
    nanos: AtomicU64,
    /// What is to be added to the counter's nanoseconds, wrapping around.
    offset: AtomicU64,
    /// When the system's clock was looked at, by the counter; [`Self::WRONG`] from when
    /// that did not agree.
    looked: AtomicU64,
    /// When it is to be looked at again.
    outdated: AtomicU64,
}

/// How long the counter is relied on at first, and at most, in nanoseconds.
const RELIED_ON: (u64, u64) = (1_000_000, 1_000_000_000);

/// The shortest time that says how fast the counter runs, in nanoseconds.
const TELLING: u64 = 500_000;

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
        let (number, scale) = counter.current();
        let nanos = counter.nanos(scale);
        if nanos < scale.outdated.load(Ordering::Relaxed) {
            return Tick(nanos.wrapping_add(scale.offset.load(Ordering::Relaxed)));
        }
        self.look(counter, number)
    }

    /// Asks the system.
    #[cold]
    fn look(&self, counter: &Counter, number: usize) -> Tick {
        let scale = &counter.scales[number];
        let before = counter.nanos(scale);
        let now = self.tick(Instant::now());
        counter.compare(number, before..counter.nanos(scale), now);
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
    /// How many times it may turn out to be wrong, until it is not relied on any more. A
    /// jump, of a machine that was moved, say, takes a few: first it looks like speed.
    const SCALES: usize = 16;

    fn new(clock: &'static quanta::Clock) -> Self {
        let scales = <[Scale; Self::SCALES]>::default();
        let nanos = clock.delta_as_nanos(0, 1 << 32);
        scales[0].nanos.store(nanos, Ordering::Relaxed);
        Self {
            clock,
            current: AtomicUsize::new(0),
            scales,
            correcting: Mutex::default(),
        }
    }

    #[inline]
    fn current(&self) -> (usize, &Scale) {
        // What the scale says was said before.
        let number = self.current.load(Ordering::Acquire) % Self::SCALES;
        (number, &self.scales[number])
    }

    #[inline]
    fn nanos(&self, scale: &Scale) -> u64 {
        let scale = scale.nanos.load(Ordering::Relaxed);
        let nanos = u128::from(self.clock.raw()) * u128::from(scale);
        // What does not fit wraps around, as the offset does.
        #[expect(clippy::cast_possible_truncation, reason = "it wraps around")]
        let nanos = (nanos >> 32) as u64;
        nanos
    }

    /// Says what time it was by the system's clock, and what the counter said by that
    /// scale before and after that look.
    fn compare(&self, number: usize, nanos: Range<u64>, now: Tick) {
        // Whoever was interrupted meanwhile cannot compare them.
        if nanos.end.saturating_sub(nanos.start) >= INTERRUPTED {
            return;
        }
        if let Some(corrected) = self.scales[number].compare(nanos.start, now) {
            self.correct(number, corrected);
        }
    }

    /// That scale is wrong, and the next one is used, if there are any left.
    fn correct(&self, number: usize, nanos: u64) {
        let Ok(_correcting) = self.correcting.try_lock() else {
            return;
        };
        let next = number + 1;
        if self.current.load(Ordering::Relaxed) != number {
            return;
        }
        if let Some(scale) = self.scales.get(next) {
            scale.nanos.store(nanos, Ordering::Relaxed);
            self.current.store(next, Ordering::Release);
        }
    }
}

impl Scale {
    const WRONG: u64 = u64::MAX;

    /// What the counter said, and what time it was then. If it is wrong, and outdated for
    /// good, how many nanoseconds 2^32 counts seem to be.
    fn compare(&self, nanos: u64, now: Tick) -> Option<u64> {
        let looked = self.looked.load(Ordering::Relaxed);
        if looked == Self::WRONG {
            return None;
        }
        let relied_on = nanos.saturating_sub(looked);
        let before = self.offset.load(Ordering::Relaxed);
        let offset = now.0.wrapping_sub(nanos);
        let drift = offset.wrapping_sub(before);
        let drift = drift.min(drift.wrapping_neg());
        let is_wrong = looked > 0 && drift > 2 * INTERRUPTED + relied_on / 1_000;
        if is_wrong {
            self.looked.store(Self::WRONG, Ordering::Relaxed);
            self.outdated.store(0, Ordering::Relaxed);
            let passed = now.0.saturating_sub(looked.wrapping_add(before));
            return Some(self.corrected(relied_on, passed));
        }
        self.offset.store(offset, Ordering::Relaxed);
        self.looked.store(nanos, Ordering::Relaxed);
        let (first, longest) = RELIED_ON;
        let next = if looked == 0 { first } else { 2 * relied_on };
        let outdated = nanos.saturating_add(next.clamp(first, longest));
        self.outdated.store(outdated, Ordering::Relaxed);
        None
    }

    /// The scale by which so many nanoseconds would have been as many as have passed. A
    /// counter that is far off has not run so fast, but jumped.
    fn corrected(&self, counted: u64, passed: u64) -> u64 {
        let nanos = self.nanos.load(Ordering::Relaxed);
        let is_speed =
            counted >= TELLING && (counted / 2..counted.saturating_mul(2)).contains(&passed);
        if !is_speed {
            return nanos;
        }
        let corrected = u128::from(nanos) * u128::from(passed) / u128::from(counted);
        u64::try_from(corrected).unwrap_or(nanos)
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

    /// A counter that counts by `nanos` of what it thinks, and is looked at whenever it
    /// wants to be until then.
    fn counted(counter: &Counter, by: impl Fn(u64) -> u64, until: u64) -> u64 {
        let first = counter.scales[0].nanos.load(Ordering::Relaxed);
        let mut now = 0;
        while now < until {
            let (number, scale) = counter.current();
            let scaled = u128::from(scale.nanos.load(Ordering::Relaxed));
            let nanos = |at| {
                let nanos = u128::from(by(at)) * scaled / u128::from(first);
                u64::try_from(nanos).unwrap()
            };
            counter.compare(number, nanos(now)..nanos(now), Tick(now));
            let step = scale.outdated.load(Ordering::Relaxed);
            // A thousandth of that is what it may be off by.
            now += step.saturating_sub(nanos(now)).max(1_000_000) * 1_000 / 999;
        }
        now
    }

    fn relied_on(counter: &Counter) -> u64 {
        let (_, scale) = counter.current();
        let outdated = scale.outdated.load(Ordering::Relaxed);
        outdated.saturating_sub(scale.looked.load(Ordering::Relaxed))
    }

    const SECONDS: u64 = 1_000_000_000;

    #[test]
    fn a_counter_that_agrees_is_relied_on_for_longer_and_longer() {
        let counter = Counter::new(&COUNTER);
        counted(&counter, |now| SECONDS + now, 20 * SECONDS);
        assert_eq!(counter.current().0, 0, "it was right");
        assert_eq!(relied_on(&counter), RELIED_ON.1);
    }

    #[test]
    fn a_counter_that_runs_at_another_speed_is_relied_on_by_that() {
        let counter = Counter::new(&COUNTER);
        counted(&counter, |now| SECONDS + now + now / 50, 20 * SECONDS);
        assert_ne!(counter.current().0, 0, "it was wrong");
        assert_eq!(relied_on(&counter), RELIED_ON.1);
    }

    #[test]
    fn a_counter_that_jumps_is_relied_on_from_there() {
        let jumped = |now| SECONDS + now + if now < 7 * SECONDS { 0 } else { SECONDS / 5 };
        let counter = Counter::new(&COUNTER);
        counted(&counter, jumped, 30 * SECONDS);
        assert_ne!(counter.current().0, 0, "it was wrong");
        assert_eq!(relied_on(&counter), RELIED_ON.1);
    }

    #[test]
    fn a_counter_that_is_never_right_is_not_relied_on_any_more() {
        let counter = Counter::new(&COUNTER);
        let erratic = |now: u64| SECONDS + now + now / 700_000 % 5 * 30_000_000;
        counted(&counter, erratic, 60 * SECONDS);
        assert_eq!(counter.current().0, Counter::SCALES - 1);
        let (_, last) = counter.current();
        assert_eq!(last.outdated.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_look_that_was_interrupted_says_nothing() {
        let counter = Counter::new(&COUNTER);
        let outdated = || counter.scales[0].outdated.load(Ordering::Relaxed);
        let interrupted = |at: u64| at..at + 5_000_000;
        counter.compare(0, interrupted(SECONDS), Tick(5_000_000));
        assert_eq!(outdated(), 0, "asked again");
        counter.compare(0, SECONDS..SECONDS, Tick(0));
        let at = outdated();
        counter.compare(0, interrupted(at), Tick(at - SECONDS + 5_000_000));
        counter.compare(0, at..at, Tick(at - SECONDS));
        assert!(outdated() > at, "relied on");
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
