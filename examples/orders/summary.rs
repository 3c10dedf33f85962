//! What became of the orders.

use std::collections::BTreeMap;
use std::fmt;

use topology_runtime::CallError;

use crate::steps::{Clerk, Receipt};
use crate::world::RawOrder;

#[derive(Default)]
pub(crate) struct Summary {
    settled: u64,
    reviewed: u64,
    duplicates: u64,
    unannounced: u64,
    cents: u64,
    /// The highest balance that was seen: that of the last entry.
    balance: u64,
    /// By reason.
    failed: BTreeMap<String, u64>,
}

impl Summary {
    pub(crate) fn add(&mut self, answer: Result<Option<Receipt>, CallError<RawOrder>>) {
        match answer {
            Ok(Some(receipt)) => self.add_receipt(&receipt),
            Ok(None) => self.duplicates += 1,
            Err(error) => *self.failed.entry(error.to_string()).or_default() += 1,
        }
    }

    fn add_receipt(&mut self, receipt: &Receipt) {
        match receipt.by {
            Clerk::Machine => self.settled += 1,
            Clerk::Person => self.reviewed += 1,
        }
        self.unannounced += u64::from(!receipt.was_announced);
        self.cents += receipt.cents;
        self.balance = self.balance.max(receipt.balance);
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>6} settled", self.settled)?;
        writeln!(f, "{:>6} reviewed and settled", self.reviewed)?;
        writeln!(f, "{:>6} duplicates, without a receipt", self.duplicates)?;
        for (reason, count) in &self.failed {
            writeln!(f, "{count:>6} not settled: {reason}")?;
        }
        writeln!(f)?;
        writeln!(f, "{:>6} receipts without a notice", self.unannounced)?;
        writeln!(
            f,
            "{} on the receipts, {} in the books",
            euros(self.cents),
            euros(self.balance)
        )
    }
}

fn euros(cents: u64) -> String {
    format!("{}.{:02} EUR", cents / 100, cents % 100)
}
