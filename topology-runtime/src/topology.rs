//! What `topology!` implements.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::boundary::Host;
use crate::budget::{Depth, Specified, Specs, specs};
use crate::edge::Lane;
use crate::fate::{Branch, Delivery};
use crate::wiring::Wiring;

/// A topology. Implemented by [`topology!`](crate::topology) only.
pub trait Topology: Sized + Send + Sync + 'static {
    /// What comes in; [`NoInput`](crate::NoInput) if the header says `!`.
    type Input: Send + 'static;
    /// What steps borrow.
    type State: Send + Sync + 'static;
    /// What the signature promises.
    #[doc(hidden)]
    type End: End;
    #[doc(hidden)]
    type Edges: Send + Sync + 'static;
    #[doc(hidden)]
    type Specs<D: Depth>: Specified<D>;

    /// Its name.
    const NAME: &'static str;
    #[doc(hidden)]
    const MERMAID: &'static str;
    /// Whether messages come from outside: whether the header says `<In -> ..>`.
    #[doc(hidden)]
    const HAS_IN: bool = true;
    /// The deadline of every message, if the header declares one.
    const DEADLINE: Option<Duration>;

    /// What is declared, for whoever starts it; budgets are of constants.
    #[doc(hidden)]
    fn specs() -> &'static Specs {
        specs::<Self>()
    }
    #[doc(hidden)]
    fn wire(wiring: &mut Wiring<Self>) -> Arc<Self::Edges>;
    #[doc(hidden)]
    fn entrances(edges: &Self::Edges) -> Vec<Arc<Lane>>;
    #[doc(hidden)]
    fn enter(edges: &Self::Edges, message: Self::Input, branch: Branch) -> Delivery;
    /// The steps that run in processes of their own.
    #[doc(hidden)]
    fn host(_host: &mut Host<Self>) {}
}

/// What a signature promises: an answer, perhaps one, or none.
pub trait End: 'static {
    /// What arrives at `out`.
    type Output: Send + 'static;
    /// What a caller gets.
    type Answer: Send + 'static;
    /// Whether a message without an answer is completed when its branches have
    /// ended well.
    const HAS_OUT: bool;

    /// The answer of a message that arrived at `out`.
    fn answer(output: Self::Output) -> Self::Answer;
    /// The answer of a message that ended without; `None` if one was promised.
    fn no_answer() -> Option<Self::Answer>;
}

/// `-> T`
pub struct Always<T>(T);

/// `-> T?`
pub struct Maybe<T>(T);

/// `-> !`
pub struct Never;

impl<T: Send + 'static> End for Always<T> {
    type Output = T;
    type Answer = T;
    const HAS_OUT: bool = true;

    fn answer(output: T) -> T {
        output
    }

    fn no_answer() -> Option<T> {
        None
    }
}

impl<T: Send + 'static> End for Maybe<T> {
    type Output = T;
    type Answer = Option<T>;
    const HAS_OUT: bool = true;

    fn answer(output: T) -> Option<T> {
        Some(output)
    }

    fn no_answer() -> Option<Option<T>> {
        Some(None)
    }
}

impl End for Never {
    type Output = Never;
    type Answer = ();
    const HAS_OUT: bool = false;

    fn answer(_: Self) {}

    fn no_answer() -> Option<()> {
        Some(())
    }
}

impl fmt::Debug for Never {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("!")
    }
}

/// The topology answers with an `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer with `{M}`",
    label = "brings `{M}` to `out`",
    note = "the topology's header says what it answers with: `Name<In -> Out>`"
)]
pub trait Answers<M>: Topology {
    /// The answer as the signature promises it.
    fn answer(answer: M) -> <Self::End as End>::Output;
}
