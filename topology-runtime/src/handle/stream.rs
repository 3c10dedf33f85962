//! Many messages, and their outcomes as they come.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::admission::{Admission, Offer};
use super::call::{Answered, answered};
use super::{CallError, Handle, Refused};
use crate::fate::{Reply, Settled};
use crate::message::Message;
use crate::topology::Topology;

/// The outcomes of a stream of messages. See [`Handle::stream`].
pub struct Outcomes<T: Topology, S> {
    handle: Handle<T>,
    /// `None` once it has ended.
    messages: Option<Pin<Box<S>>>,
    /// The message that waits to be accepted.
    offered: Option<Pin<Box<Offered<T>>>>,
    next: usize,
    /// Messages without an outcome that was taken.
    open: usize,
    // Bounded by what the topology holds: nothing is accepted while outcomes
    // that are there have not been taken.
    settled: UnboundedReceiver<(usize, Settled)>,
    settles: UnboundedSender<(usize, Settled)>,
}

type Offered<T> = dyn Future<Output = Result<(), Refused<<T as Topology>::Input>>> + Send;

/// What became of one message of a stream.
pub struct Outcome<T: Topology> {
    /// The position of the message in the input, counted from 0.
    pub position: usize,
    /// Its answer, or why there is none.
    pub result: Answered<T>,
}

impl<T: Topology, S> Outcomes<T, S> {
    pub(super) fn new(handle: Handle<T>, messages: S) -> Self {
        let (settles, settled) = unbounded_channel();
        Self {
            handle,
            messages: Some(Box::pin(messages)),
            offered: None,
            next: 0,
            open: 0,
            settled,
            settles,
        }
    }

    /// The next outcome; `None` when the input has ended and every outcome was
    /// taken.
    ///
    /// # Cancellation
    ///
    /// Cancellation safe: an outcome that was not returned comes next time.
    pub async fn next(&mut self) -> Option<Outcome<T>>
    where
        S: Stream<Item = Message<T::Input>>,
    {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn offer(&mut self, message: Message<T::Input>) {
        let handle = self.handle.clone();
        let position = self.next;
        let settles = self.settles.clone();
        let reply = Reply::Told(Box::new(move |settled| {
            // A stream that was dropped wants no outcomes.
            let _ = settles.send((position, settled));
        }));
        self.offered = Some(Box::pin(async move {
            let offer = Offer::new(message).answered_to(reply);
            let admission = Admission::new(&handle);
            let entry = admission.entry(offer.within()).await;
            admission.enter(offer, entry).map(drop)
        }));
        self.next += 1;
        self.open += 1;
    }
}

impl<T, S> Stream for Outcomes<T, S>
where
    T: Topology,
    S: Stream<Item = Message<T::Input>>,
{
    type Item = Outcome<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Outcome<T>>> {
        let this = self.get_mut();
        loop {
            if let Poll::Ready(Some((position, settled))) = this.settled.poll_recv(context) {
                this.open -= 1;
                let result = answered::<T>(&this.handle.0.core, settled);
                return Poll::Ready(Some(Outcome { position, result }));
            }
            if !this.settled.is_empty() {
                // They were not handed out because it is others' turn: this
                // task is woken at once, and takes no more input until then.
                return Poll::Pending;
            }
            if let Some(offered) = &mut this.offered {
                let accepted = ready!(offered.as_mut().poll(context));
                this.offered = None;
                if let Err(refused) = accepted {
                    this.open -= 1;
                    return Poll::Ready(Some(Outcome {
                        position: this.next - 1,
                        result: Err(CallError::Refused(refused)),
                    }));
                }
                continue;
            }
            let Some(messages) = &mut this.messages else {
                return if this.open == 0 {
                    Poll::Ready(None)
                } else {
                    Poll::Pending
                };
            };
            match ready!(messages.as_mut().poll_next(context)) {
                Some(message) => this.offer(message),
                None => this.messages = None,
            }
        }
    }
}
