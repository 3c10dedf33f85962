//! The end of a topology.

use std::fmt;
use std::time::Duration;

use crate::fate::Totals;
use crate::step::Failure;

/// What became of every message of a topology. Accepted messages are the sum
/// of completed, failed, ended and abandoned ones.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DrainReport {
    /// The name of the topology.
    pub topology: &'static str,
    /// Messages that were accepted.
    pub accepted: u64,
    /// Messages that were answered, or ended well where there is no `out`.
    pub completed: u64,
    /// Messages that failed.
    pub failed: u64,
    /// Messages that ended quietly, without an answer.
    pub ended: u64,
    /// Messages that were given up: by an abort, or because the drain's time
    /// was over.
    pub abandoned: u64,
    /// Failures on branches of messages that had been answered already.
    pub late_failures: u64,
    /// Why the topology was aborted, if it was.
    pub aborted: Option<Failure>,
    /// How long the drain took.
    pub took: Duration,
}

impl DrainReport {
    pub(crate) fn new(
        topology: &'static str,
        totals: Totals,
        aborted: Option<Failure>,
        took: Duration,
    ) -> Self {
        let Totals {
            accepted,
            completed,
            failed,
            ended,
            abandoned,
            late_failures,
            live: _,
        } = totals;
        Self {
            topology,
            accepted,
            completed,
            failed,
            ended,
            abandoned,
            late_failures,
            aborted,
            took,
        }
    }
}

impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} drained in {:.1?}: {} accepted = {} completed + {} failed + {} ended + {} abandoned",
            self.topology,
            self.took,
            self.accepted,
            self.completed,
            self.failed,
            self.ended,
            self.abandoned
        )?;
        if self.late_failures > 0 {
            write!(
                f,
                "; {} branches failed after the answer",
                self.late_failures
            )?;
        }
        if let Some(failure) = &self.aborted {
            write!(f, "; aborted: {failure}")?;
        }
        Ok(())
    }
}
