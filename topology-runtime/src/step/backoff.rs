//! How long to wait before the next attempt.

use std::time::Duration;

use super::Retry;

impl Retry {
    /// The longest wait before attempt number `next`, counted from 1: doubled
    /// for each attempt after the second, and never above the cap.
    pub(crate) fn longest(&self, next: usize) -> Duration {
        let doublings = u32::try_from(next.saturating_sub(2)).unwrap_or(u32::MAX);
        let factor = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
        self.from.saturating_mul(factor).min(self.to)
    }

    /// A wait before attempt number `next`, drawn evenly from nothing to the
    /// longest: exponential backoff with full jitter, as in Marc Brooker,
    /// "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
    pub(crate) fn draw(&self, next: usize) -> Duration {
        self.longest(next).mul_f64(fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Retry =
        Retry::new(9).backoff(Duration::from_millis(10), Duration::from_millis(100));

    #[test]
    fn waits_double_up_to_the_cap() {
        let longest: Vec<_> = (2..=7)
            .map(|next| RETRY.longest(next).as_millis())
            .collect();
        assert_eq!(longest, [10, 20, 40, 80, 100, 100]);
    }

    #[test]
    fn many_attempts_do_not_overflow() {
        assert_eq!(RETRY.longest(usize::MAX), Duration::from_millis(100));
    }

    #[test]
    fn draws_fill_the_whole_range_and_no_more() {
        let draws: Vec<_> = (0..2_000).map(|_| RETRY.draw(5)).collect();
        let longest = RETRY.longest(5);
        assert!(draws.iter().all(|draw| *draw <= longest));
        assert!(draws.iter().any(|draw| *draw < longest / 10));
        assert!(draws.iter().any(|draw| *draw > longest * 9 / 10));
    }
}
