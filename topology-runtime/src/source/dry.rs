//! What a source with faults brings.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

/// The stream of a source with faults: it brings nothing.
pub struct Dry<T>(PhantomData<fn() -> T>);

impl<T> Default for Dry<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T> Stream for Dry<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Pending
    }
}
