//! The books of a topology: accepted = completed + failed + ended + abandoned.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

use super::{Entries, Fate};
use crate::padded::Padded;
use crate::telemetry::Histogram;

/// Counts messages in and out.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    accepted: Padded<AtomicU64>,
    settled: Padded<[AtomicU64; Fate::ALL.len()]>,
    /// From the offer to the fate.
    pub(crate) latency: Histogram,
    late_failures: AtomicU64,
    /// Messages of which something is still there, with or without a fate, and
    /// admissions that are under way.
    live: Padded<AtomicU64>,
    closed: AtomicBool,
    closing: Notify,
    idle: Notify,
    /// Whether anybody waits for that, or has.
    is_idle_awaited: AtomicBool,
}

/// The books at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) accepted: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) ended: u64,
    pub(crate) abandoned: u64,
    pub(crate) late_failures: u64,
    pub(crate) live: u64,
}

impl Accounts {
    /// Begins an admission. `false` if nothing is admitted any more.
    ///
    /// The count goes up before the look at `closed`, and a drain sets `closed`
    /// before it looks at the count: one of the two sees the other.
    pub(crate) fn begin(&self) -> bool {
        self.live.fetch_add(1, Ordering::SeqCst);
        let open = !self.closed.load(Ordering::SeqCst);
        if !open {
            self.leave();
        }
        open
    }

    /// The admission that began is an accepted message from here on.
    pub(crate) fn accept(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// A message that a step begins is accepted, whether or not any from
    /// outside would be.
    pub(crate) fn accept_from_inside(&self) {
        self.live.fetch_add(1, Ordering::SeqCst);
        self.accept();
    }

    /// Nothing of the message is left.
    pub(crate) fn leave(&self) {
        self.are_gone(1);
    }

    fn are_gone(&self, messages: u64) {
        // Whoever waits says so before the look at the count: one sees the other.
        if self.live.fetch_sub(messages, Ordering::SeqCst) == messages
            && self.is_idle_awaited.load(Ordering::SeqCst)
        {
            self.idle.notify_waiters();
        }
    }

    /// A message has its fate, so many nanoseconds after it was offered.
    pub(crate) fn settle(&self, fate: Fate, took: u64) {
        self.latency.record(took);
        self.settled[fate as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// So many admissions may begin.
    pub(super) fn expect(&self, admissions: u64) {
        self.live.fetch_add(admissions, Ordering::SeqCst);
    }

    /// Enters what a task has counted.
    pub(crate) fn enter(&self, entries: &mut Entries) {
        let Entries {
            accepted,
            settled,
            took,
            left,
            admissions,
        } = std::mem::take(entries);
        if accepted > 0 {
            self.accepted.fetch_add(accepted, Ordering::Relaxed);
        }
        self.latency.add(took);
        for (account, settled) in self.settled.iter().zip(settled) {
            if settled > 0 {
                // Behind what was accepted: whoever sees the one sees the other.
                account.fetch_add(settled, Ordering::Release);
            }
        }
        if left + admissions > 0 {
            self.are_gone(left + admissions);
        }
    }

    pub(crate) fn fail_late(&self) {
        self.late_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Admits nothing any more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.closing.notify_waiters();
    }

    /// Waits until nothing is admitted any more.
    pub(crate) async fn closing(&self) {
        loop {
            let mut closing = std::pin::pin!(self.closing.notified());
            closing.as_mut().enable();
            if self.is_closed() {
                return;
            }
            closing.await;
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Waits until nothing of any message is left.
    pub(crate) async fn idle(&self) {
        self.is_idle_awaited.store(true, Ordering::SeqCst);
        loop {
            let mut idle = std::pin::pin!(self.idle.notified());
            idle.as_mut().enable();
            if self.live.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }

    pub(crate) fn totals(&self) -> Totals {
        let [completed, failed, ended, abandoned] =
            Fate::ALL.map(|fate| self.settled[fate as usize].load(Ordering::Acquire));
        Totals {
            completed,
            failed,
            ended,
            abandoned,
            late_failures: self.late_failures.load(Ordering::Relaxed),
            live: self.live.load(Ordering::SeqCst),
            accepted: self.accepted.load(Ordering::Relaxed),
        }
    }
}
