//! kameo: an actor for each task, with a bounded mailbox.

use kameo::Actor;
use kameo::actor::{ActorRef, Spawn};
use kameo::error::Infallible;
use kameo::mailbox;
use kameo::message::{Context, Message};

use super::{Kit, To};
use crate::work::{Node, Parcel};

pub(crate) struct Kameo;

pub(crate) struct Stage<const N: usize>(Node<N, Kameo>);

impl<const N: usize> Actor for Stage<N> {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(stage: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(stage)
    }
}

impl<const N: usize> Message<Parcel<N>> for Stage<N> {
    type Reply = ();

    async fn handle(&mut self, parcel: Parcel<N>, _: &mut Context<Self, ()>) {
        self.0.take(parcel).await;
    }
}

impl Kit for Kameo {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = ActorRef<Stage<N>>;

    async fn open<const N: usize>(node: Node<N, Self>, capacity: usize) -> Self::To<N> {
        Stage::spawn_with_mailbox(Stage(node), mailbox::bounded(capacity))
    }

    fn shared<const N: usize>(to: &Self::To<N>) -> Option<Self::To<N>> {
        Some(to.clone())
    }
}

impl<const N: usize> To<Parcel<N>> for ActorRef<Stage<N>> {
    async fn put(&mut self, parcel: Parcel<N>) {
        let _ = self.tell(parcel).await;
    }
}
