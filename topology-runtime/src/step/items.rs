//! What a step returns that an `each` makes many messages of.

use super::FailureKind;
use crate::fate::{Branch, Delivery};

/// A value with items: any `IntoIterator`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no items for an `each`",
    label = "each item would be a message of its own",
    note = "return something that can be iterated, such as a `Vec`"
)]
pub trait Items {
    /// One of them.
    type Item: Send + 'static;
    /// All of them, in order.
    fn items(self) -> impl Iterator<Item = Self::Item>;
}

#[diagnostic::do_not_recommend]
impl<I: IntoIterator<Item: Send + 'static>> Items for I {
    type Item = I::Item;

    fn items(self) -> impl Iterator<Item = I::Item> {
        self.into_iter()
    }
}

/// What is still to be done, or why the output cannot be handed on.
pub type HandedOn = Result<Delivery, Overfull>;

/// An output with more items than may be.
pub struct Overfull {
    pub(crate) kind: FailureKind,
    pub(crate) branch: Branch,
}
