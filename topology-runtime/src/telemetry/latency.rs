//! A distribution of times, as data.

use std::time::Duration;

use super::Histogram;
use super::histogram::{bucket, quantile, upper};

/// A distribution of times. Quantiles are the upper ends of buckets, at most a
/// quarter too high; the longest time is exact to a microsecond.
///
/// Distributions of the same thing, from several instances, can be
/// [merged](Latency::merge), which their quantiles alone cannot:
///
/// ```
/// use std::time::Duration;
/// use topology_runtime::Latency;
///
/// let mut all: Latency = (1..=50).map(Duration::from_millis).collect();
/// let others: Latency = (51..=100).map(Duration::from_millis).collect();
/// all.merge(&others);
///
/// assert_eq!(all.count, 100);
/// assert_eq!(all.max, Duration::from_millis(100));
/// assert!(all.p90 >= Duration::from_millis(90) && all.p90 < Duration::from_millis(113));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Half took no longer.
    pub p50: Duration,
    /// 9 of 10 took no longer.
    pub p90: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
    /// How many there are in each bucket, as far as there are any; see
    /// [`buckets`](Self::buckets) for what is in which.
    pub counts: Vec<u64>,
}

impl Latency {
    pub(crate) fn of(histogram: &Histogram) -> Self {
        Self::with_at_once(histogram, 0)
    }

    /// The same, and so many more that took no time.
    pub(crate) fn with_at_once(histogram: &Histogram, at_once: u64) -> Self {
        let mut counts = histogram.counts();
        counts[bucket(Duration::ZERO)] += at_once;
        Self::new(counts, histogram.longest())
    }

    fn new(mut counts: Vec<u64>, max: Duration) -> Self {
        while counts.last() == Some(&0) {
            counts.pop();
        }
        let at = |rank| quantile(&counts, rank).min(max);
        Self {
            count: counts.iter().sum(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max,
            counts,
        }
    }

    /// The time that a share of all took no longer than, from 0.0 to 1.0.
    pub fn quantile(&self, share: f64) -> Duration {
        quantile(&self.counts, share).min(self.max)
    }

    /// The longest time of each bucket, to the microsecond below, and how many are
    /// in it. From 8 \u{b5}s on, each power of two has four buckets; the last one
    /// takes all that is longer than 1 h 11 min.
    pub fn buckets(&self) -> impl Iterator<Item = (Duration, u64)> + '_ {
        let counts = self.counts.iter().enumerate();
        counts.map(|(bucket, count)| (Duration::from_micros(upper(bucket)), *count))
    }

    /// The mean, as far as the buckets tell: at most an eighth off for what takes
    /// more than a few microseconds. Nothing if there is nothing.
    pub fn mean(&self) -> Duration {
        if self.count == 0 {
            return Duration::ZERO;
        }
        let mut sum = 0.0;
        for (bucket, count) in self.counts.iter().enumerate() {
            let least = bucket.checked_sub(1).map_or(0, |before| upper(before) + 1);
            #[expect(
                clippy::cast_precision_loss,
                reason = "a mean of buckets is approximate"
            )]
            let (middle, count) = ((least + upper(bucket) + 1) as f64 / 2e6, *count as f64);
            sum += middle * count;
        }
        #[expect(clippy::cast_precision_loss, reason = "as above")]
        let mean = Duration::try_from_secs_f64(sum / self.count as f64);
        mean.map_or(self.max, |mean| mean.min(self.max))
    }

    /// Adds what was measured elsewhere.
    pub fn merge(&mut self, other: &Self) {
        let mut counts = std::mem::take(&mut self.counts);
        counts.resize(counts.len().max(other.counts.len()), 0);
        for (own, other) in counts.iter_mut().zip(&other.counts) {
            *own = own.saturating_add(*other);
        }
        *self = Self::new(counts, self.max.max(other.max));
    }
}

impl FromIterator<Duration> for Latency {
    /// The distribution of these times.
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        let (mut counts, mut max) = (Vec::new(), Duration::ZERO);
        for time in times {
            let bucket = bucket(time);
            counts.resize(counts.len().max(bucket + 1), 0);
            counts[bucket] += 1;
            max = max.max(time);
        }
        Self::new(counts, max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(times: impl IntoIterator<Item = u64>) -> Latency {
        times.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn what_is_merged_is_what_would_have_been_measured_together() {
        let mut merged = millis(1..=30);
        merged.merge(&millis(500..=900));
        merged.merge(&Latency::default());
        assert_eq!(merged, millis((1..=30).chain(500..=900)));

        let mut none = Latency::default();
        none.merge(&merged);
        assert_eq!(none, merged);
    }

    #[test]
    fn the_mean_is_an_eighth_off_at_most() {
        for time in [3, 17, 250, 4_000] {
            let exact = Duration::from_millis(time).as_secs_f64();
            // The longest is beside it, so that it does not help.
            let mean = millis(std::iter::repeat_n(time, 99_999).chain([time * 100])).mean();
            let off = (mean.as_secs_f64() - exact * 1.001).abs() / exact;
            assert!(off <= 0.126, "{time} ms becomes {mean:?}");
        }
    }

    #[test]
    fn the_buckets_tell_where_everything_is() {
        let latency = millis([1, 1, 20]);
        let some: Vec<_> = latency.buckets().filter(|(_, count)| *count > 0).collect();
        let micros = Duration::from_micros;
        assert_eq!(some, [(micros(1_023), 2), (micros(20_479), 1)]);
        assert_eq!(latency.quantile(0.5), micros(1_023));
        assert_eq!(latency.quantile(1.0), Duration::from_millis(20));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn it_goes_to_another_process_and_comes_back() {
        let latency = millis([1, 1, 20]);
        let text = serde_json::to_string(&latency).expect("plain data");
        assert_eq!(
            serde_json::from_str::<Latency>(&text).expect("the same"),
            latency
        );
    }
}
