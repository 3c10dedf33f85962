//! What becomes of a message: exactly one fate, claimed once.

mod accounts;
mod branch;
mod delivery;
mod entries;
mod journey;
mod nest;
mod scope;
mod spare;
mod unwound;

pub(crate) use self::accounts::{Accounts, Totals};
pub use self::branch::Branch;
pub(crate) use self::branch::Patience;
pub use self::delivery::Delivery;
pub(crate) use self::entries::Entries;
pub(crate) use self::journey::{Journey, Reply, Settled};
pub(crate) use self::nest::{Member, Members, Nest};
pub(crate) use self::scope::{Cancellation, Scope};
pub(crate) use self::spare::{Pocket, Spares};
pub(crate) use self::unwound::{catch, catch_within, drop_with_care, panic_text};

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Answered at `out`, or all branches ended well where there is no `out`.
    Completed,
    /// Some failure was not caught.
    Failed,
    /// Quietly, without an answer.
    Ended,
    /// By an abort, or a drain that ran out of time.
    Abandoned,
}

impl Fate {
    /// By number.
    pub(crate) const ALL: [Self; 4] = [Self::Completed, Self::Failed, Self::Ended, Self::Abandoned];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Ended => "ended",
            Self::Abandoned => "abandoned",
        }
    }
}
