//! What is to be entered in the books.

use super::{Accounts, Fate};

/// What a task has counted since it looked at the books.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(super) accepted: u64,
    pub(super) settled: [u64; Fate::ALL.len()],
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

    pub(crate) fn settle(&mut self, fate: Fate) {
        self.settled[fate as usize] += 1;
    }
}
