//! Waiting, but not for ever and not for a message that is gone.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::time::{Instant, sleep_until};

use crate::fate::Cancellation;

/// How a bounded wait ended.
pub(crate) enum Bounded<T> {
    Done(T),
    TimedOut,
    Cancelled,
}

/// Runs `work` to its end, to the given time, or until its branch is cancelled,
/// whichever comes first. What has not ended by then is dropped.
///
/// Work is polled once before anything else: what is ready at once costs no
/// timer, and nobody asks when it would be over.
pub(crate) async fn bounded<T>(
    work: impl Future<Output = T>,
    until: impl FnOnce() -> Option<Instant>,
    cancellation: impl FnOnce() -> Arc<Cancellation>,
) -> Bounded<T> {
    let mut work = pin!(work);
    match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
        Poll::Ready(output) => Bounded::Done(output),
        Poll::Pending => bounded_rest(work, until(), cancellation()).await,
    }
}

/// The same, for work that has been polled once.
pub(crate) async fn bounded_rest<T>(
    work: impl Future<Output = T>,
    until: Option<Instant>,
    cancellation: Arc<Cancellation>,
) -> Bounded<T> {
    let mut work = pin!(work);
    let mut cancelled = pin!(cancellation.cancelled());
    let mut time = pin!(until.map(sleep_until));
    // Work that has just yielded is not polled again before it is its turn.
    let mut has_just_yielded = true;
    poll_fn(|context| {
        // First, because work may end because it saw that it was cancelled.
        if cancelled.as_mut().poll(context).is_ready() {
            return Poll::Ready(Bounded::Cancelled);
        }
        if !std::mem::take(&mut has_just_yielded)
            && let Poll::Ready(output) = work.as_mut().poll(context)
        {
            return Poll::Ready(Bounded::Done(output));
        }
        let is_time = time
            .as_mut()
            .as_pin_mut()
            .is_some_and(|time| time.poll(context).is_ready());
        if is_time {
            return Poll::Ready(Bounded::TimedOut);
        }
        Poll::Pending
    })
    .await
}
