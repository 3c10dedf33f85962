//! Items that want to know what became of their message.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;

use crate::fate::Settled;
use crate::step::Failure;

/// An item of a source, and what to call once its message's fate is known: to
/// commit an offset, or to acknowledge a delivery.
///
/// It is called exactly once. An item that no topology accepts, because it was
/// dropped before, hears that it was [not accepted](Settlement::NotAccepted).
pub struct Tracked<T> {
    payload: T,
    notice: Notice,
}

/// What became of a message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Settlement {
    /// It was answered at `out`, or all its branches ended well where there is
    /// no `out`.
    Completed,
    /// It failed.
    Failed(Failure),
    /// It ended quietly, without an answer.
    Ended,
    /// It was given up: by an abort, or because the drain's time was over.
    Abandoned,
    /// No topology accepted it: nothing was done with it.
    NotAccepted,
}

/// Resolves to what became of a message.
///
/// # Cancellation
///
/// Cancellation safe; and whoever drops it, the message goes on.
#[must_use = "a receipt that nobody waits for says nothing"]
pub struct Receipt(oneshot::Receiver<Settlement>);

impl<T> Tracked<T> {
    /// Calls `settled` once the fate of the item's message is known.
    ///
    /// It runs wherever the fate is decided, so it must be short and must not
    /// block. Where it panics, nothing else does.
    pub fn new(payload: T, settled: impl FnOnce(Settlement) + Send + 'static) -> Self {
        Self {
            payload,
            notice: Notice(Some(Box::new(settled))),
        }
    }

    /// An item, and a future of its message's fate.
    pub fn with_receipt(payload: T) -> (Self, Receipt) {
        let (sender, receiver) = oneshot::channel();
        let tracked = Self::new(payload, |settlement| {
            // Nobody may wait for it.
            let _ = sender.send(settlement);
        });
        (tracked, Receipt(receiver))
    }

    /// What the message carries.
    pub fn payload(&self) -> &T {
        &self.payload
    }

    /// The same item with another payload.
    #[must_use]
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Tracked<U> {
        let Self { payload, notice } = self;
        Tracked {
            payload: with(payload),
            notice,
        }
    }

    pub(crate) fn into_parts(self) -> (T, Notice) {
        (self.payload, self.notice)
    }
}

impl<T> fmt::Debug for Tracked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracked").finish_non_exhaustive()
    }
}

impl Future for Receipt {
    type Output = Settlement;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Settlement> {
        let settled = ready!(Pin::new(&mut self.0).poll(context));
        // A notice is given even if it is only dropped.
        Poll::Ready(settled.unwrap_or(Settlement::NotAccepted))
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").finish_non_exhaustive()
    }
}

/// Whom to tell. Dropped, it tells that the item was not accepted.
pub(crate) struct Notice(Option<Box<dyn FnOnce(Settlement) + Send>>);

impl Notice {
    pub(crate) fn tell(mut self, settled: &Settled) {
        self.give(match settled {
            Settled::Completed(_) => Settlement::Completed,
            Settled::Failed(failure) => Settlement::Failed(failure.clone()),
            Settled::Ended => Settlement::Ended,
            Settled::Abandoned => Settlement::Abandoned,
        });
    }

    fn give(&mut self, settlement: Settlement) {
        if let Some(settled) = self.0.take() {
            // Its panic is its own: the message has its fate.
            let _ = catch_unwind(AssertUnwindSafe(|| settled(settlement)));
        }
    }
}

impl Drop for Notice {
    fn drop(&mut self) {
        self.give(Settlement::NotAccepted);
    }
}
