//! How far ahead a replica is.

/// How many messages are sent ahead at most.
const MOST: usize = 4096;

/// How long what is sent ahead may take, all together, in nanoseconds, if each takes
/// what they took lately.
const SOON: u64 = 1_000_000;

/// How far ahead a replica is.
#[derive(Default)]
pub(in crate::step) struct Window {
    /// How many messages are on their way at most.
    pub(super) most: usize,
    /// What one takes, in nanoseconds, on the average of the last few.
    took: u64,
}

impl Window {
    pub(super) fn takes(&mut self, took: u64) {
        self.took = (self.took.saturating_mul(7).saturating_add(took)) / 8;
    }

    /// What came back came soon: more may be ahead, up to twice as much.
    pub(super) fn widen(&mut self) {
        let most = SOON / self.took.max(1);
        let most = usize::try_from(most).unwrap_or(MOST).min(2 * self.most);
        self.most = most.clamp(1, MOST);
    }
}
