//! The answers of a topology that nobody calls.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::Handle;
use crate::budget::specs;
use crate::supervisor::{Core, finished};
use crate::topology::{End, Topology};

/// The answers of a topology with sources. See [`Handle::answers`].
///
/// It ends when no more answers can come: when every source has ended and
/// nothing is left of what they brought, or when the topology has stopped. It
/// does not keep the topology alive. Dropped, it lets all further answers go.
pub struct Answers<T: Topology> {
    core: Arc<Core>,
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
    is_over: bool,
    topology: std::marker::PhantomData<fn() -> T>,
}

impl<T: Topology> Answers<T> {
    /// `None` if there is no `out`, or somebody listens already.
    pub(super) fn of(handle: &Handle<T>) -> Option<Self> {
        let running = &handle.0;
        if !running.core.outlet.as_ref()?.listen() {
            return None;
        }
        let (core, stopped) = (Arc::clone(&running.core), running.stopped.clone());
        // What a step begins by itself may come later still.
        let are_others = specs::<T>()
            .steps
            .iter()
            .any(|step| step.contract.begins_messages());
        Some(Self {
            core: Arc::clone(&core),
            over: Box::pin(async move {
                if are_others {
                    stopped.wait().await;
                } else {
                    finished(&core, &stopped).await;
                }
            }),
            is_over: false,
            topology: std::marker::PhantomData,
        })
    }

    /// The next answer; `None` when no more can come.
    ///
    /// # Cancellation
    ///
    /// Cancellation safe: an answer that was not returned comes next time.
    pub async fn next(&mut self) -> Option<<T::End as End>::Output> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn poll_waiting(&self, context: &mut Context<'_>) -> Poll<Option<<T::End as End>::Output>> {
        let Some(outlet) = &self.core.outlet else {
            return Poll::Ready(None);
        };
        outlet.poll(context).map(|output| match output.downcast() {
            Ok(output) => Some(*output),
            Err(_) => unreachable!("`out` takes what the signature promises"),
        })
    }
}

impl<T: Topology> Stream for Answers<T> {
    type Item = <T::End as End>::Output;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Poll::Ready(answer) = this.poll_waiting(context) {
                return Poll::Ready(answer);
            }
            if this.is_over {
                return Poll::Ready(None);
            }
            // The last answer may come before the end is seen.
            match this.over.as_mut().poll(context) {
                Poll::Ready(()) => this.is_over = true,
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<T: Topology> Drop for Answers<T> {
    fn drop(&mut self) {
        if let Some(outlet) = &self.core.outlet {
            outlet.close();
        }
    }
}

impl<T: Topology> std::fmt::Debug for Answers<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers")
            .field("topology", &T::NAME)
            .finish_non_exhaustive()
    }
}
