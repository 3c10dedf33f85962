//! What a step returns that an `each` makes many messages of.

use super::{FailureKind, Takes, WorkflowStep};
use crate::fate::{Branch, Delivery};

/// A value whose items the step `S` takes: any `IntoIterator` of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no items for an `each`",
    label = "each item would be a message of its own",
    note = "return something that can be iterated, such as a `Vec`"
)]
pub trait Items<S: WorkflowStep> {
    /// All of them, in order, as the step takes them.
    fn items(self) -> impl Iterator<Item = S::Input>;
}

impl<I: IntoIterator, S: Takes<I::Item>> Items<S> for I {
    fn items(self) -> impl Iterator<Item = S::Input> {
        self.into_iter().map(S::take)
    }
}

/// What is still to be done, or why the output cannot be handed on.
pub type HandedOn = Result<Delivery, Box<Overfull>>;

/// An output with more items than may be.
pub struct Overfull {
    pub(crate) kind: FailureKind,
    pub(crate) branch: Branch,
}
