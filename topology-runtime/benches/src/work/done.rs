//! Where messages end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Counts what arrives, and says when that was all.
#[derive(Clone, Default)]
pub(crate) struct Done(Arc<Inner>);

#[derive(Default)]
struct Inner {
    missing: AtomicU64,
    all_there: Notify,
}

impl Done {
    pub(crate) fn after(messages: u64) -> Self {
        let done = Self::default();
        done.expect(messages);
        done
    }

    /// Of messages that are sent from now on, that many are to come.
    pub(crate) fn expect(&self, messages: u64) {
        self.0.missing.store(messages, Ordering::Relaxed);
    }

    pub(crate) fn arrived(&self) {
        if self.0.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.all_there.notify_one();
        }
    }

    pub(crate) async fn wait(&self) {
        self.0.all_there.notified().await;
    }
}
