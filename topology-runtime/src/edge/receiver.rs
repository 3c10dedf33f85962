//! The end of an edge, whether that is a step or `out`.

use std::sync::Arc;

use super::{Edge, Lane, Out};
use crate::fate::{Branch, Delivery};
use crate::step::{Failure, Takes, WorkflowStep};
use crate::telemetry::Links;
use crate::topology::{Answers, End, Topology};

/// What an edge leads to.
pub trait Receiver: Clone + Send + Sync + 'static {
    /// What it is given.
    type Value: Send + 'static;

    #[doc(hidden)]
    fn lane(&self) -> &Arc<Lane>;
    /// What leads here meets elsewhere first, and is counted there. Said while wiring.
    #[doc(hidden)]
    fn joins(&self);
    #[doc(hidden)]
    fn receive(&self, value: Self::Value, branch: Branch, links: Joined) -> Delivery;
    /// What would have come has failed.
    #[doc(hidden)]
    fn fail(&self, failure: Failure, branch: Branch) -> Delivery;
}

/// The spans that come together at a receiver.
#[derive(Default)]
pub struct Joined(pub(crate) Links);

/// A receiver that takes an `M`.
pub trait Accepts<M>: Receiver {
    /// The value as the receiver is given it.
    fn accept(message: M) -> Self::Value;
}

impl<S: WorkflowStep> Receiver for Edge<S> {
    type Value = S::Input;

    fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }

    fn joins(&self) {
        self.queue.joins();
    }

    fn receive(&self, value: S::Input, branch: Branch, links: Joined) -> Delivery {
        self.put(value, branch, links.0)
    }

    fn fail(&self, failure: Failure, branch: Branch) -> Delivery {
        let core = self.queue.core();
        self.queue.policy().handle(core, None, failure, branch)
    }
}

impl<M, S: Takes<M>> Accepts<M> for Edge<S> {
    fn accept(message: M) -> S::Input {
        S::take(message)
    }
}

impl<T: Topology> Receiver for Out<T> {
    type Value = <T::End as End>::Output;

    fn lane(&self) -> &Arc<Lane> {
        self.lane()
    }

    fn joins(&self) {}

    fn receive(&self, value: Self::Value, branch: Branch, _: Joined) -> Delivery {
        self.offer(value, branch)
    }

    fn fail(&self, failure: Failure, branch: Branch) -> Delivery {
        branch.fail(failure)
    }
}

impl<M, T: Topology + Answers<M>> Accepts<M> for Out<T> {
    fn accept(message: M) -> Self::Value {
        T::answer(message)
    }
}
