//! How many sources may still bring something.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The sources whose task has not come to its end.
#[derive(Default)]
pub(crate) struct Sources {
    open: AtomicUsize,
    over: Notify,
}

impl Sources {
    pub(crate) fn add(&self) {
        self.open.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn end(&self) {
        if self.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.over.notify_waiters();
        }
    }

    /// Waits until nothing comes of any source. Cancellation safe.
    pub(crate) async fn over(&self) {
        loop {
            let mut over = std::pin::pin!(self.over.notified());
            over.as_mut().enable();
            if self.open.load(Ordering::SeqCst) == 0 {
                return;
            }
            over.await;
        }
    }
}
