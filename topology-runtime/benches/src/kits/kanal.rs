//! kanal: fast, and unsound in places; here only to be compared with.

use super::{Kit, To};
use crate::work::{Node, Parcel};

pub(crate) struct Kanal;

impl Kit for Kanal {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = kanal::AsyncSender<Parcel<N>>;

    async fn open<const N: usize>(mut node: Node<N, Self>, capacity: usize) -> Self::To<N> {
        let (sender, receiver) = kanal::bounded_async(capacity);
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

impl<const N: usize> To<Parcel<N>> for kanal::AsyncSender<Parcel<N>> {
    async fn put(&mut self, parcel: Parcel<N>) {
        let _ = self.send(parcel).await;
    }
}
