//! What a step hands on, before it is said to whom.
//!
//! The value comes first, so that its type is known when the compiler asks
//! whether the step at the other end takes it.

use crate::edge::{Accepts, Collect, Edge, Finish, First, Out, Part, Receiver};
use crate::fate::{Branch, Delivery};
use crate::step::{Join, Takes, TakesPart, TakesSkippable};
use crate::topology::{Answers, Topology};

/// A value that is handed on.
#[must_use = "a value that is offered to nobody is lost"]
pub struct Offer<M>(M);

/// Hands a value on: `offer(value).to(&edge, branch)`.
pub fn offer<M>(value: M) -> Offer<M> {
    Offer(value)
}

impl<M> Offer<M> {
    /// To a step.
    pub fn to<S: Takes<M>>(self, edge: &Edge<S>, branch: Branch) -> Delivery {
        edge.offer(S::take(self.0), branch)
    }

    /// To a step, from outside: its place was reserved before it was accepted.
    #[inline]
    pub fn entering<S: Takes<M>>(self, edge: &Edge<S>, branch: Branch) -> Delivery {
        edge.enter(S::take(self.0), branch)
    }

    /// To a join.
    pub fn to_join<S, const I: usize>(self, part: &Part<S, I>, branch: Branch) -> Delivery
    where
        S: Join + TakesPart<I, M>,
    {
        part.offer(branch, |kept| S::take_part(kept, self.0))
    }

    /// To a join that may have to do without.
    pub fn to_join_optional<S, const I: usize>(self, part: &Part<S, I>, branch: Branch) -> Delivery
    where
        S: Join + TakesSkippable<I, M>,
    {
        part.offer(branch, |kept| S::take_part(kept, self.0))
    }

    /// To the `all` of the item's scope.
    pub fn to_all<R: Receiver>(self, collect: &Collect<R>, branch: Branch) -> Delivery
    where
        M: Send + 'static,
    {
        collect.offer(self.0, branch)
    }

    /// To the end of a race.
    pub fn to_finish<R: Accepts<M>>(self, finish: &Finish<R>, branch: Branch) -> Delivery {
        finish.offer(self.0, branch)
    }

    /// To the end of a race with several winners.
    pub fn to_first<R: Receiver>(self, first: &First<R, M>, branch: Branch) -> Delivery
    where
        M: Send + 'static,
    {
        first.offer(self.0, branch)
    }

    /// To `out`.
    pub fn to_out<T>(self, out: &Out<T>, branch: Branch) -> Delivery
    where
        T: Topology + Answers<M>,
    {
        out.offer(T::answer(self.0), branch)
    }
}
