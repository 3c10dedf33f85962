//! The branches of a message that are cancelled together, and the parts that
//! wait for their siblings.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Journey;

/// Branches with one end.
///
/// The parts of a join wait here, with the message they belong to, and not in
/// a table of the join: when the message is gone, so are they, and there are
/// never more of them than the branches between fork and join can hold.
pub(crate) struct Scope {
    pub(crate) journey: Arc<Journey>,
    pub(crate) cancellation: Arc<Cancellation>,
    meetings: Mutex<Meetings>,
}

/// Whether some branches are cancelled. It knows nothing of their message, so
/// that a step may keep it without keeping the message alive.
#[derive(Default)]
pub(crate) struct Cancellation {
    is_cancelled: AtomicBool,
    cancelled: Notify,
}

/// What has come of each join so far, by the number of the join's step.
pub(crate) type Meetings = Vec<(usize, Box<dyn Any + Send>)>;

impl Scope {
    pub(crate) fn new(journey: Arc<Journey>) -> Arc<Self> {
        let scope = Arc::new(Self {
            journey,
            cancellation: Arc::default(),
            meetings: Mutex::new(Vec::new()),
        });
        scope.journey.enter(&scope);
        scope
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Cancels every branch: running steps are dropped, waiting ones never
    /// start, parts that wait are dropped here. `false` if they were cancelled
    /// already.
    pub(crate) fn cancel(&self) -> bool {
        let is_first = !self.cancellation.is_cancelled.swap(true, Ordering::AcqRel);
        let parts = std::mem::take(&mut *self.meetings());
        self.cancellation.cancelled.notify_waiters();
        drop(parts);
        is_first
    }

    pub(crate) fn meetings(&self) -> MutexGuard<'_, Meetings> {
        self.meetings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cancellation {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }

    /// Waits until the branches are cancelled. Cancellation safe.
    pub(crate) async fn cancelled(&self) {
        loop {
            let mut cancelled = std::pin::pin!(self.cancelled.notified());
            cancelled.as_mut().enable();
            if self.is_cancelled() {
                return;
            }
            cancelled.await;
        }
    }
}
