//! Tokio's channel, and nothing else: what everything is compared with.

use tokio::sync::mpsc;

use super::{Kit, To};
use crate::work::{Node, Parcel};

pub(crate) struct TokioMpsc;

impl Kit for TokioMpsc {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = mpsc::Sender<Parcel<N>>;

    async fn open<const N: usize>(mut node: Node<N, Self>, capacity: usize) -> Self::To<N> {
        let (sender, mut receiver) = mpsc::channel(capacity);
        tokio::spawn(async move {
            while let Some(parcel) = receiver.recv().await {
                node.take(parcel).await;
            }
        });
        sender
    }

    fn shared<const N: usize>(to: &Self::To<N>) -> Option<Self::To<N>> {
        Some(to.clone())
    }
}

impl<const N: usize> To<Parcel<N>> for mpsc::Sender<Parcel<N>> {
    async fn put(&mut self, parcel: Parcel<N>) {
        let _ = self.send(parcel).await;
    }
}
