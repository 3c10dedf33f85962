//! Where the messages of a topology come from.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use topology_runtime::{Message, SpanId, TraceContext, TraceFlags, TraceId, TraceState};

use crate::work::Parcel;

/// Which messages are sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sampling {
    None,
    OneIn128,
    All,
}

impl Sampling {
    /// A message that continues a trace, as one that comes from a request does.
    pub(crate) fn message<const N: usize>(self, number: u64) -> Message<Parcel<N>> {
        let sampled = match self {
            Self::None => false,
            Self::OneIn128 => number.is_multiple_of(128),
            Self::All => true,
        };
        let flags = TraceFlags::default().with_sampled(sampled);
        let state = TraceState::default();
        let context = TraceContext::new(TraceId::random(), SpanId::random(), flags, state);
        Message::with_context(Parcel::new(number), context)
    }
}

/// So many messages from each source.
#[derive(Clone, Copy)]
pub(crate) struct Supply {
    pub(crate) messages: u64,
    pub(crate) sampling: Sampling,
}

impl Supply {
    pub(crate) fn stream<const N: usize>(self) -> impl Stream<Item = Message<Parcel<N>>> + Send {
        Numbered {
            next: 0,
            supply: self,
        }
    }
}

/// A stream that always has its next message, until it ends.
struct Numbered<const N: usize> {
    next: u64,
    supply: Supply,
}

impl<const N: usize> Stream for Numbered<N> {
    type Item = Message<Parcel<N>>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.next == self.supply.messages {
            return Poll::Ready(None);
        }
        let message = self.supply.sampling.message(self.next);
        self.next += 1;
        Poll::Ready(Some(message))
    }
}
