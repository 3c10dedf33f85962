//! What is to be entered in the books.

use super::{Accounts, Fate};
use crate::telemetry::Spell;

/// What a task has counted since it looked at the books.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(super) accepted: u64,
    pub(super) settled: [u64; Fate::ALL.len()],
    /// How long the last of them took to their fates.
    pub(super) took: Spell,
    /// Messages of which nothing is left, and admissions that came to nothing.
    pub(super) left: u64,
    /// Admissions that the books count as begun, and that have not.
    pub(super) admissions: u64,
}

/// How many admissions are begun together.
const TOGETHER: u64 = 64;

impl Entries {
    /// Begins an admission, like [`Accounts::begin`].
    pub(crate) fn begin(&mut self, accounts: &Accounts) -> bool {
        if self.admissions == 0 {
            accounts.expect(TOGETHER);
            self.admissions = TOGETHER;
        }
        let is_open = !accounts.is_closed();
        self.admissions -= u64::from(is_open);
        is_open
    }

    pub(crate) fn accept(&mut self) {
        self.accepted += 1;
    }

    pub(crate) fn leave(&mut self) {
        self.left += 1;
    }

    /// A message has its fate, so many nanoseconds after it was offered.
    #[inline]
    pub(crate) fn settle(&mut self, fate: Fate, took: u64, accounts: &Accounts) {
        self.settled[fate as usize] += 1;
        if let Some(others) = self.took.goes_on(took) {
            accounts.latency.add(others);
        }
    }
}
