//! A task on the threads of a boundary.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::sync::oneshot;

use super::pool::Pool;

/// How a task ended: with the payload of its panic, if it did.
pub(super) type Ended = Result<(), Box<dyn Any + Send>>;

/// What is to be done.
pub(super) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// It is to be polled.
const WOKEN: u8 = 1;
/// A thread polls it.
const POLLED: u8 = 2;
/// It has ended.
const OVER: u8 = 4;

/// A task. It is in the pool's queue at most once, and on one thread at a time.
pub(super) struct Job {
    pool: Arc<Pool>,
    state: AtomicU8,
    rest: Mutex<Option<Rest>>,
}

/// What is left of a task that has not ended.
struct Rest {
    work: Work,
    ended: oneshot::Sender<Ended>,
}

impl Job {
    pub(super) fn new(pool: Arc<Pool>, work: Work, ended: oneshot::Sender<Ended>) -> Arc<Self> {
        Arc::new(Self {
            pool,
            state: AtomicU8::new(0),
            rest: Mutex::new(Some(Rest { work, ended })),
        })
    }

    /// Polls it once, and puts it into the queue again if it was woken meanwhile.
    /// `true` if it has ended.
    pub(super) fn poll(self: &Arc<Self>) -> bool {
        // Whoever wakes it from here on wakes it for another time.
        self.state.swap(POLLED, Ordering::AcqRel);
        let waker = Waker::from(Arc::clone(self));
        let is_over = self.poll_rest(&mut Context::from_waker(&waker));
        if is_over {
            self.state.store(OVER, Ordering::Release);
            return true;
        }
        let state = self.state.fetch_and(!POLLED, Ordering::AcqRel);
        if state & WOKEN != 0 {
            self.pool.push(Arc::clone(self));
        }
        false
    }

    fn poll_rest(&self, context: &mut Context<'_>) -> bool {
        let mut place = self.rest();
        let Some(rest) = &mut *place else { return true };
        let polled = catch_unwind(AssertUnwindSafe(|| rest.work.as_mut().poll(context)));
        let ended = match polled {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(())) => Ok(()),
            Err(panic) => Err(panic),
        };
        if let Some(Rest {
            work,
            ended: sender,
        }) = place.take()
        {
            // Whoever starts it again finds nothing of it.
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(work)));
            let _ = sender.send(ended.and(dropped));
        }
        true
    }

    /// Drops what is left of it.
    pub(super) fn give_up(&self) {
        let rest = self.rest().take();
        self.state.store(OVER, Ordering::Release);
        // A message that panics while it is dropped keeps no other from that.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(rest)));
    }

    fn rest(&self) -> MutexGuard<'_, Option<Rest>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Job {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Written even where it says so already: what was done before is then
        // seen by whoever polls it.
        if self.state.fetch_or(WOKEN, Ordering::AcqRel) == 0 {
            self.pool.push(Arc::clone(self));
        }
    }
}
