//! async-channel.

use super::{Kit, To};
use crate::work::{Node, Parcel};

pub(crate) struct AsyncChannel;

impl Kit for AsyncChannel {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = async_channel::Sender<Parcel<N>>;

    async fn open<const N: usize>(mut node: Node<N, Self>, capacity: usize) -> Self::To<N> {
        let (sender, receiver) = async_channel::bounded(capacity);
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

impl<const N: usize> To<Parcel<N>> for async_channel::Sender<Parcel<N>> {
    async fn put(&mut self, parcel: Parcel<N>) {
        let _ = self.send(parcel).await;
    }
}
