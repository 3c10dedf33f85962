//! One message, and its answer.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Weak;

use tokio::sync::oneshot;

use super::admission::Admission;
use super::{CallError, Handle, Refused};
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

    async fn answer(self) -> Answered<T> {
        self.accepted().await?.answer().await
    }

    /// Waits until the message is accepted.
    pub(crate) async fn accepted(self) -> Result<Accepted<'a, T>, Refused<T::Input>> {
        let (sender, outcome) = oneshot::channel();
        let reply: Reply = Box::new(move |settled| {
            // A caller that went away gets nothing.
            let _ = sender.send(settled);
        });
        let watched = Admission::new(self.handle)
            .watched(self.cancels)
            .admit(self.message, Some(reply))
            .await?;
        Ok(Accepted {
            handle: self.handle,
            outcome,
            guard: CancelOnDrop(watched),
        })
    }
}

/// A call whose message is on its way.
pub(crate) struct Accepted<'a, T: Topology> {
    handle: &'a Handle<T>,
    outcome: oneshot::Receiver<Settled>,
    guard: CancelOnDrop,
}

impl<T: Topology> Accepted<'_, T> {
    pub(crate) async fn answer(self) -> Answered<T> {
        let settled = self.outcome.await.unwrap_or(Settled::Abandoned);
        self.guard.disarm();
        answered::<T>(&self.handle.0.core, settled)
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
    type IntoFuture = Pin<Box<dyn Future<Output = Answered<T>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.answer())
    }
}

struct CancelOnDrop(Option<Weak<Scope>>);

impl CancelOnDrop {
    fn disarm(mut self) {
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
