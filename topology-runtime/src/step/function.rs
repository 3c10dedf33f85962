//! Steps that are a function of one message: most of them. What they have in
//! common stands here once, and not in the expansion of each.

use super::requirements::{Attempted, Keep, Single, WorkflowStep};
use super::{Contract, Reactive, done};
use crate::budget::Depth;

/// A function that takes one message at a time.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no workflow step",
    label = "a node of a topology is a step",
    note = "put `#[workflow_step]` on the function"
)]
pub trait Function: Sized + 'static {
    /// The message.
    type Input: Send + 'static;
    /// What it hands on.
    type Output: Send + 'static;
    /// What its attribute declares.
    const CONTRACT: Contract;
    /// How a message is copied that may be tried again.
    const KEEP: Option<Copying<Self>> = None;

    /// Its future, if it asks for nothing but its message and cannot fail.
    fn work(_: Self::Input) -> impl Future<Output = Self::Output> + Send {
        std::future::pending()
    }

    /// One attempt, if it asks for nothing but its message. What borrows state,
    /// or asks for its context, says itself how it runs.
    fn run(message: Self::Input) -> impl Future<Output = Attempted<Self::Output>> + Send {
        done(Self::work(message))
    }
}

type Copying<F> = fn(&<F as Function>::Input) -> <F as Function>::Input;

#[diagnostic::do_not_recommend]
impl<F: Function> WorkflowStep for F {
    type Input = F::Input;
    type Kept = F::Input;
    type Output = F::Output;
    type Item = F::Input;
    type Each = F::Output;
    type Own = ();
    type Inside<D: Depth> = ();

    const CONTRACT: Contract = F::CONTRACT;
    const KEEP: Option<Keep<Self>> = F::KEEP;
    const IS_ON_STATE: bool = F::CONTRACT.is_on_state();

    fn kept(message: F::Input) -> F::Input {
        message
    }

    fn alone(message: F::Input) -> impl Future<Output = Attempted<F::Output>> + Send {
        F::run(message)
    }
}

#[diagnostic::do_not_recommend]
impl<F: Function> Single for F {}

#[diagnostic::do_not_recommend]
impl<F: Function> Reactive for F {}
