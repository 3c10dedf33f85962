//! flume.

use super::{Kit, To};
use crate::work::{Node, Parcel};

pub(crate) struct Flume;

impl Kit for Flume {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = flume::Sender<Parcel<N>>;

    async fn open<const N: usize>(mut node: Node<N, Self>, capacity: usize) -> Self::To<N> {
        let (sender, receiver) = flume::bounded(capacity);
        tokio::spawn(async move {
            while let Ok(parcel) = receiver.recv_async().await {
                node.take(parcel).await;
            }
        });
        sender
    }

    fn shared<const N: usize>(to: &Self::To<N>) -> Option<Self::To<N>> {
        Some(to.clone())
    }
}

impl<const N: usize> To<Parcel<N>> for flume::Sender<Parcel<N>> {
    async fn put(&mut self, parcel: Parcel<N>) {
        let _ = self.send_async(parcel).await;
    }
}
