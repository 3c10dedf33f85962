//! One message, and its answer.

use std::future::{Future, IntoFuture, poll_fn};
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;

use super::admission::{Admission, Entry, Offer, Room};
use super::{CallError, Handle, Refusal, Refused};
use crate::fate::{Reply, Scope, Settled};
use crate::message::Message;
use crate::step::{Failure, FailureKind};
use crate::supervisor::Core;
use crate::topology::{End, Topology};

/// A call that has not been made yet: await it.
#[must_use = "a call is made when it is awaited"]
pub struct Call<'a, T: Topology> {
    handle: &'a Handle<T>,
    message: Message<T::Input>,
    cancels: bool,
}

type Answer<T> = <<T as Topology>::End as End>::Answer;
pub(crate) type Answered<T> = Result<Answer<T>, CallError<<T as Topology>::Input>>;

impl<'a, T: Topology> Call<'a, T> {
    pub(super) fn new(handle: &'a Handle<T>, message: Message<T::Input>) -> Self {
        Self {
            handle,
            message,
            cancels: false,
        }
    }

    /// Fails the message if the call's future is dropped before its outcome:
    /// its branches are cancelled.
    pub fn cancel_on_drop(mut self) -> Self {
        self.cancels = true;
        self
    }

    /// Waits until the message is accepted.
    pub(crate) async fn accepted(self) -> Result<CallFuture<'a, T>, Refused<T::Input>> {
        let mut call = self.into_future();
        poll_fn(|context| call.poll_accepted(context)).await?;
        Ok(call)
    }
}

/// The future of a [`Call`], which is made when this is first polled.
///
/// # Panics
///
/// Panics if it is polled again after its outcome.
#[must_use = "a call is made when it is awaited"]
pub struct CallFuture<'a, T: Topology> {
    handle: &'a Handle<T>,
    /// What is not accepted yet.
    offer: Option<Offer<T::Input>>,
    /// There was no room for it.
    waits: Option<Pin<Box<Waits<'a>>>>,
    /// `None` once it is over.
    outcome: Option<oneshot::Receiver<Settled>>,
    guard: CancelOnDrop,
}

type Waits<'a> = dyn Future<Output = Result<Entry<'a>, Refusal>> + Send + 'a;

/// Nothing in it is pinned where it stands.
impl<T: Topology> Unpin for CallFuture<'_, T> {}

impl<T: Topology> std::fmt::Debug for CallFuture<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallFuture")
            .field("topology", &T::NAME)
            .finish_non_exhaustive()
    }
}

impl<T: Topology> CallFuture<'_, T> {
    /// Until the message is accepted.
    #[inline]
    fn poll_accepted(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Refused<T::Input>>> {
        let Some(offer) = &self.offer else {
            return Poll::Ready(Ok(()));
        };
        let admission = Admission::new(self.handle);
        let entry = if let Some(waits) = &mut self.waits {
            ready!(waits.as_mut().poll(context))
        } else {
            match admission.room(offer.within()) {
                Ok(Room::Here(entry)) => Ok(entry),
                Ok(Room::Later(times)) => {
                    let waits = self.waits.insert(Box::pin(admission.later(times)));
                    ready!(waits.as_mut().poll(context))
                }
                Err(reason) => Err(reason),
            }
        };
        self.waits = None;
        if let Some(offer) = self.offer.take() {
            // What is refused, or panics, is over.
            let outcome = self.outcome.take();
            self.guard = CancelOnDrop(admission.enter(offer, entry)?);
            self.outcome = outcome;
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: Topology> Future for CallFuture<'_, T> {
    type Output = Answered<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        ready!(this.poll_accepted(context))?;
        let outcome = this.outcome.as_mut().expect("a call has one outcome");
        let settled = ready!(Pin::new(outcome).poll(context));
        let settled = settled.unwrap_or(Settled::Abandoned);
        this.outcome = None;
        this.guard.disarm();
        Poll::Ready(answered::<T>(&this.handle.0.core, settled))
    }
}

/// The outcome as a caller gets it.
pub(super) fn answered<T: Topology>(core: &Core, settled: Settled) -> Answered<T> {
    match settled {
        Settled::Completed(Some(output)) => match output.downcast() {
            Ok(output) => Ok(T::End::answer(*output)),
            Err(_) => unreachable!("`out` takes what the signature promises"),
        },
        Settled::Completed(None) | Settled::Ended => match T::End::no_answer() {
            Some(answer) => Ok(answer),
            None => unreachable!("a message without its answer has failed"),
        },
        Settled::Failed(failure) => Err(CallError::Failed(failure)),
        Settled::Abandoned => Err(CallError::Abandoned(core.aborted().cloned())),
    }
}

impl<'a, T: Topology> IntoFuture for Call<'a, T> {
    type Output = Answered<T>;
    type IntoFuture = CallFuture<'a, T>;

    fn into_future(self) -> CallFuture<'a, T> {
        let Self {
            handle,
            message,
            cancels,
        } = self;
        let (sender, outcome) = oneshot::channel();
        let offer = Offer::new(message).answered_to(Reply::Call(sender));
        CallFuture {
            handle,
            offer: Some(offer.watched(cancels)),
            waits: None,
            outcome: Some(outcome),
            guard: CancelOnDrop(None),
        }
    }
}

struct CancelOnDrop(Option<Weak<Scope>>);

impl CancelOnDrop {
    fn disarm(&mut self) {
        self.0 = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(scope) = self.0.take().and_then(|scope| scope.upgrade()) {
            let workflow = scope.journey().core.name;
            scope.give_up(Failure::new(FailureKind::CallerGone, workflow, "", 0));
        }
    }
}
