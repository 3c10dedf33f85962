//! ractor: an actor for each task; its mailbox has no bound.

use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::{Kit, To};
use crate::work::{Node, Parcel};

pub(crate) struct Ractor;

pub(crate) struct Stage<const N: usize>;

impl<const N: usize> Actor for Stage<N> {
    type Msg = Parcel<N>;
    type State = Node<N, Ractor>;
    type Arguments = Node<N, Ractor>;

    async fn pre_start(
        &self,
        _: ActorRef<Parcel<N>>,
        node: Node<N, Ractor>,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(node)
    }

    async fn handle(
        &self,
        _: ActorRef<Parcel<N>>,
        parcel: Parcel<N>,
        node: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        node.take(parcel).await;
        Ok(())
    }
}

/// An actor lives until it is told to stop: here, when nobody can reach it.
#[derive(Clone)]
pub(crate) struct Owned<const N: usize>(Arc<Actual<N>>);

struct Actual<const N: usize>(ActorRef<Parcel<N>>);

impl<const N: usize> Drop for Actual<N> {
    fn drop(&mut self) {
        let _ = self.0.drain();
    }
}

impl Kit for Ractor {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = Owned<N>;
    const IS_UNBOUNDED: bool = true;

    async fn open<const N: usize>(node: Node<N, Self>, _capacity: usize) -> Self::To<N> {
        let spawned = Actor::spawn(None, Stage, node).await;
        let (actor, _) = spawned.expect("nothing can fail at its start");
        Owned(Arc::new(Actual(actor)))
    }

    fn shared<const N: usize>(to: &Self::To<N>) -> Option<Self::To<N>> {
        Some(to.clone())
    }
}

impl<const N: usize> To<Parcel<N>> for Owned<N> {
    async fn put(&mut self, parcel: Parcel<N>) {
        let _ = self.0.0.cast(parcel);
    }
}
