//! How much is measured.

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// In each run.
    pub(crate) messages: u64,
    /// Of which the median is taken.
    pub(crate) rounds: usize,
}

impl Settings {
    pub(crate) const FULL: Self = Self {
        messages: 40_000,
        rounds: 9,
    };
    /// To see that it works.
    pub(crate) const QUICK: Self = Self {
        messages: 4_000,
        rounds: 3,
    };
}
