//! How long things take, in little memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Writer;

/// Buckets of a quarter of a power of two, from a microsecond to about an hour:
/// a quantile is at most 25 % too high.
///
/// Log-linear buckets as in Gil Tene's `HdrHistogram`. Written here because the
/// histograms that can be shared between threads bring a second `syn` into
/// their users' builds.
#[derive(Debug)]
pub(crate) struct Histogram {
    buckets: Box<[AtomicU64]>,
    longest: AtomicU64,
}

/// Bits below the leading one that tell buckets apart.
const PRECISION: u32 = 2;
const STEPS: u64 = 1 << PRECISION;
/// An hour in microseconds, rounded up to a power of two.
const LARGEST: u64 = 1 << 32;

impl Default for Histogram {
    fn default() -> Self {
        let buckets = (0..=index(LARGEST)).map(|_| AtomicU64::new(0));
        Self {
            buckets: buckets.collect(),
            longest: AtomicU64::new(0),
        }
    }
}

impl Histogram {
    /// Records a time of so many nanoseconds.
    pub(crate) fn record(&self, nanos: u64) {
        let micros = nanos / 1_000;
        let bucket = index(micros.min(LARGEST));
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        if micros > self.longest.load(Ordering::Relaxed) {
            self.longest.fetch_max(micros, Ordering::Relaxed);
        }
    }

    /// The same, by whoever it is.
    #[inline]
    pub(crate) fn record_as(&self, writer: Writer, nanos: u64) {
        if writer == Writer::OneOfSeveral {
            return self.record(nanos);
        }
        self.record_together(1, nanos);
    }

    /// Records so many times that are so many nanoseconds together: all but one are
    /// none. Where only one task records.
    #[inline]
    pub(crate) fn record_together(&self, times: u64, nanos: u64) {
        // Most of what is in a stream takes less.
        if nanos < 1_000 {
            return add_alone(&self.buckets[0], times);
        }
        if times > 1 {
            add_alone(&self.buckets[0], times - 1);
        }
        let micros = nanos / 1_000;
        add_alone(&self.buckets[index(micros.min(LARGEST))], 1);
        if micros > self.longest.load(Ordering::Relaxed) {
            self.longest.store(micros, Ordering::Relaxed);
        }
    }

    /// The same, of several times.
    pub(crate) fn add(&self, spell: Spell) {
        if spell.count == 0 {
            return;
        }
        self.buckets[spell.bucket].fetch_add(spell.count, Ordering::Relaxed);
        if spell.longest > self.longest.load(Ordering::Relaxed) {
            self.longest.fetch_max(spell.longest, Ordering::Relaxed);
        }
    }

    pub(crate) fn counts(&self) -> Vec<u64> {
        let counts = self
            .buckets
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed));
        counts.collect()
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_micros(self.longest.load(Ordering::Relaxed))
    }
}

/// Adds to a number that nobody else adds to at the same time.
#[inline]
pub(super) fn add_alone(number: &AtomicU64, some: u64) {
    number.store(number.load(Ordering::Relaxed) + some, Ordering::Relaxed);
}

/// Times of one bucket, one after the other: what a task has seen many of is
/// recorded with one look at what others record too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Spell {
    bucket: usize,
    count: u64,
    longest: u64,
}

impl Spell {
    /// One more time of so many nanoseconds. What comes back is over, and is to be
    /// recorded.
    #[inline]
    pub(crate) fn goes_on(&mut self, nanos: u64) -> Option<Self> {
        let micros = nanos / 1_000;
        let bucket = index(micros.min(LARGEST));
        let over = (self.count > 0 && self.bucket != bucket).then(|| std::mem::take(self));
        self.bucket = bucket;
        self.count += 1;
        self.longest = self.longest.max(micros);
        over
    }
}

/// The bucket of a time.
pub(crate) fn bucket(time: Duration) -> usize {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    index(micros.min(LARGEST))
}

/// The upper end of the bucket that the quantile lies in.
pub(crate) fn quantile(counts: &[u64], quantile: f64) -> Duration {
    let total: u64 = counts.iter().sum();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among fewer than 2^52 values"
    )]
    let rank = ((total as f64 * quantile).ceil() as u64).max(1);
    let mut seen = 0;
    for (bucket, count) in counts.iter().enumerate() {
        seen += count;
        if seen >= rank {
            return Duration::from_micros(upper(bucket));
        }
    }
    Duration::ZERO
}

#[inline]
fn index(value: u64) -> usize {
    // Whatever is below has a bucket of its own, like whatever is in the first power.
    let shift = (value | STEPS).ilog2() - PRECISION;
    let bucket = (u64::from(shift) << PRECISION) + (value >> shift);
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

/// The largest value of a bucket, in microseconds.
pub(crate) fn upper(bucket: usize) -> u64 {
    let bucket = bucket.min(index(LARGEST)) as u64;
    if bucket < 2 * STEPS {
        return bucket;
    }
    let shift = (bucket >> PRECISION) - 1;
    let mantissa = STEPS + (bucket & (STEPS - 1));
    ((mantissa + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_and_not_in_the_one_before() {
        for value in (0..5_000).chain([1 << 20, (1 << 20) + 1, LARGEST - 1, LARGEST]) {
            let bucket = index(value);
            assert!(value <= upper(bucket), "{value}");
            assert!(bucket == 0 || value > upper(bucket - 1), "{value}");
        }
    }

    #[test]
    fn a_bucket_is_at_most_a_quarter_wider_than_its_values() {
        for value in 1..100_000 {
            let upper = upper(index(value));
            assert!(upper <= value + value / 4, "{value} becomes {upper}");
        }
    }

    #[test]
    fn quantiles_are_found_among_many_values() {
        let histogram = Histogram::default();
        for millis in 1..=100 {
            histogram.record(millis * 1_000_000);
        }
        let counts = histogram.counts();
        let median = quantile(&counts, 0.5).as_secs_f64();
        assert!((0.050..=0.0625).contains(&median), "{median}");
        let p99 = quantile(&counts, 0.99).as_secs_f64();
        assert!((0.099..=0.125).contains(&p99), "{p99}");
        assert_eq!(histogram.longest(), Duration::from_millis(100));
    }

    #[test]
    fn a_spell_is_over_when_a_time_of_another_bucket_comes() {
        let (spelled, recorded) = (Histogram::default(), Histogram::default());
        let mut spell = Spell::default();
        let mut over = 0;
        for micros in [3, 3, 3, 70, 71, 3, 9_000_000_000] {
            recorded.record(micros * 1_000);
            if let Some(spell) = spell.goes_on(micros * 1_000) {
                spelled.add(spell);
                over += 1;
            }
        }
        spelled.add(spell);
        assert_eq!(over, 3);
        assert_eq!(spelled.counts(), recorded.counts());
        assert_eq!(spelled.longest(), recorded.longest());
    }

    #[test]
    fn of_nothing_every_quantile_is_nothing() {
        assert_eq!(
            quantile(&Histogram::default().counts(), 0.99),
            Duration::ZERO
        );
    }
}
