//! What a run cost: time on the clock, and time on the processors.

use std::time::Instant;

use cpu_time::ProcessTime;

/// Nanoseconds per message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
}

/// Runs from where the wiring stands to where the last message has arrived.
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: ProcessTime,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            wall: Instant::now(),
            cpu: ProcessTime::now(),
        }
    }

    /// What each of that many messages cost.
    pub(crate) fn stop(&self, messages: u64) -> Cost {
        let (wall, cpu) = (self.wall.elapsed(), self.cpu.elapsed());
        let messages = float(messages);
        Cost {
            wall: wall.as_secs_f64() * 1e9 / messages,
            cpu: cpu.as_secs_f64() * 1e9 / messages,
        }
    }
}

/// A count, to divide by.
#[allow(clippy::cast_precision_loss, reason = "far below 2^52 of anything")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// The one in the middle; of none, not a number.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value that this share of them does not exceed.
pub(crate) fn quantile(sorted: &[u64], share: f64) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index of a slice, and nanoseconds"
    )]
    {
        let at = (sorted.len().saturating_sub(1) as f64 * share) as usize;
        sorted.get(at).map_or(f64::NAN, |value| *value as f64)
    }
}
