//! How many of something there are, and the moment when there is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// A count that can be waited for.
#[derive(Default)]
pub(crate) struct Tally {
    open: AtomicUsize,
    none: Notify,
}

/// One of them, until dropped.
pub(crate) struct Opened(Arc<Tally>);

impl Tally {
    pub(crate) fn add(&self) {
        self.open.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn end(&self) {
        if self.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.none.notify_waiters();
        }
    }

    pub(crate) fn open(this: &Arc<Self>) -> Opened {
        this.add();
        Opened(Arc::clone(this))
    }

    /// Waits until there is none. Cancellation safe.
    pub(crate) async fn none(&self) {
        loop {
            let mut none = std::pin::pin!(self.none.notified());
            none.as_mut().enable();
            if self.open.load(Ordering::SeqCst) == 0 {
                return;
            }
            none.await;
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.end();
    }
}
