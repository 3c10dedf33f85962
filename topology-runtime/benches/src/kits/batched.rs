//! Tokio's channel, taking and sending as many at once as there are.

use tokio::sync::mpsc;

use super::{Kit, To};
use crate::work::{Node, Parcel};

pub(crate) struct Batched;

impl Kit for Batched {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = mpsc::Sender<(Parcel<N>,)>;
    const IS_BATCHED: bool = true;

    async fn open<const N: usize>(mut node: Node<N, Self>, capacity: usize) -> Self::To<N> {
        let (sender, mut receiver) = mpsc::channel::<(Parcel<N>,)>(capacity);
        tokio::spawn(async move {
            let most = capacity / 2;
            let (mut taken, mut letters) = (Vec::with_capacity(most), Vec::with_capacity(most));
            while receiver.recv_many(&mut taken, most).await > 0 {
                letters.extend(taken.drain(..).map(|(parcel,)| parcel.worked()));
                node.hand_on_all(&mut letters).await;
            }
        });
        sender
    }

    fn shared<const N: usize>(to: &Self::To<N>) -> Option<Self::To<N>> {
        Some(to.clone())
    }
}

/// In a tuple, to be told from what is sent one by one.
impl<const N: usize> To<Parcel<N>> for mpsc::Sender<(Parcel<N>,)> {
    async fn put(&mut self, parcel: Parcel<N>) {
        let _ = self.send((parcel,)).await;
    }

    async fn put_all(&mut self, parcels: &mut Vec<Parcel<N>>) {
        if let Ok(permits) = self.reserve_many(parcels.len()).await {
            for (permit, parcel) in permits.zip(parcels.drain(..)) {
                permit.send((parcel,));
            }
        }
    }
}
