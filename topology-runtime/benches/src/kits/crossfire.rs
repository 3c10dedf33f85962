//! crossfire, with one producer and with several.

use crossfire::{AsyncTx, MAsyncTx, mpsc, spsc};

use super::{Kit, To};
use crate::work::{Node, Parcel};

pub(crate) struct Crossfire;

impl Kit for Crossfire {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = MAsyncTx<mpsc::Array<Parcel<N>>>;

    async fn open<const N: usize>(mut node: Node<N, Self>, capacity: usize) -> Self::To<N> {
        let (sender, receiver) = mpsc::bounded_async(capacity);
        tokio::spawn(async move {
            while let Ok(parcel) = receiver.recv().await {
                node.take(parcel).await;
            }
        });
        sender
    }

    fn shared<const N: usize>(to: &Self::To<N>) -> Option<Self::To<N>> {
        Some(to.clone())
    }
}

impl<const N: usize> To<Parcel<N>> for MAsyncTx<mpsc::Array<Parcel<N>>> {
    async fn put(&mut self, parcel: Parcel<N>) {
        let _ = self.send(parcel).await;
    }
}

/// The flavour of which neither end can be shared.
pub(crate) struct CrossfireSpsc;

impl Kit for CrossfireSpsc {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = AsyncTx<spsc::Array<Parcel<N>>>;

    async fn open<const N: usize>(mut node: Node<N, Self>, capacity: usize) -> Self::To<N> {
        let (sender, receiver) = spsc::bounded_async(capacity);
        tokio::spawn(async move {
            while let Ok(parcel) = receiver.recv().await {
                node.take(parcel).await;
            }
        });
        sender
    }

    fn shared<const N: usize>(_to: &Self::To<N>) -> Option<Self::To<N>> {
        None
    }
}

impl<const N: usize> To<Parcel<N>> for AsyncTx<spsc::Array<Parcel<N>>> {
    async fn put(&mut self, parcel: Parcel<N>) {
        let _ = self.send(parcel).await;
    }
}
