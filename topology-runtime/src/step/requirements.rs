//! The traits that steps implement and edges ask for, in words that a compile
//! error can use.

use std::future::Future;

use super::{BoxError, Contract, Failed, Failure, Inner, StepContext};
use crate::budget::{Depth, Inside};
use crate::state::Lent;

/// A function with `#[workflow_step]`: what it takes, what it returns, what it
/// declares. Implemented by the attribute only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no workflow step",
    label = "a node of a topology is a step",
    note = "put `#[workflow_step]` on the function"
)]
pub trait WorkflowStep: Sized + 'static {
    /// The message; of a join, the tuple of its parts.
    type Input: Send + 'static;
    /// What a failure keeps of the message: of a join, each part as an
    /// [`Option`].
    #[doc(hidden)]
    type Kept: 'static;
    /// What the step hands on; `()` for a sink.
    type Output: Send + 'static;
    /// One message of a batch; of a step that takes none, its message.
    #[doc(hidden)]
    type Item;
    /// What the step hands on for one message of a batch.
    #[doc(hidden)]
    type Each;
    /// What each replica of a stateful step keeps from message to message; `()`
    /// for a function.
    #[doc(hidden)]
    type Own: Send + 'static;
    /// What is inside the step: `()`, unless it is a topology.
    #[doc(hidden)]
    type Inside<D: Depth>: Inside;
    /// What the attribute declares.
    const CONTRACT: Contract;

    #[doc(hidden)]
    const KEEP: Option<Keep<Self>> = None;
    #[doc(hidden)]
    fn kept(message: Self::Input) -> Self::Kept;

    /// Whether the step asks for nothing but its message and state.
    #[doc(hidden)]
    const IS_ON_STATE: bool = false;

    /// One attempt of a step that asks for nothing but its message.
    #[doc(hidden)]
    fn alone(_: Self::Input) -> impl Future<Output = Attempted<Self::Output>> + Send {
        std::future::pending()
    }
}

/// What a step hands on.
#[doc(hidden)]
pub type Output<S> = <S as WorkflowStep>::Output;

/// How a copy of a step's message is made.
#[doc(hidden)]
pub(super) type Keep<S> = fn(&<S as WorkflowStep>::Input) -> <S as WorkflowStep>::Input;

/// A step that can run on the state `State`. Implemented by the attribute only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no workflow step",
    label = "a node of a topology is a step",
    note = "put `#[workflow_step]` on the function"
)]
pub trait Step<State>: WorkflowStep {
    /// One attempt of a step that asks for nothing but its message and state.
    #[doc(hidden)]
    fn on(
        message: Self::Input,
        _state: &Lent<State>,
    ) -> impl Future<Output = Attempted<Self::Output>> + Send {
        Self::alone(message)
    }

    /// One attempt. One that runs to its end leaves the step's own state where
    /// it was.
    #[doc(hidden)]
    fn run(
        message: Self::Input,
        state: &Lent<State>,
        _context: &StepContext,
        _own: &mut Option<Self::Own>,
    ) -> impl Future<Output = Attempted<Self::Output>> + Send {
        Self::on(message, state)
    }

    /// Makes the step's own state; `None` for a function.
    #[doc(hidden)]
    fn own(_state: &Lent<State>) -> Option<Self::Own> {
        None
    }

    /// The topology that the step is.
    #[doc(hidden)]
    fn nested(_own: &mut Self::Own) -> Option<&mut dyn Inner> {
        None
    }

    /// What the step does by itself, now and then.
    #[doc(hidden)]
    fn tick(
        _state: &Lent<State>,
        _context: &StepContext,
        _own: &mut Option<Self::Own>,
    ) -> impl Future<Output = Attempted<Option<Self::Output>>> + Send {
        std::future::ready(Attempted::Done(None))
    }

    /// What the step does at last. Nothing is left of its own state.
    #[doc(hidden)]
    fn finish(
        _state: &Lent<State>,
        _context: &StepContext,
        _own: &mut Option<Self::Own>,
    ) -> impl Future<Output = Attempted<Option<Self::Output>>> + Send {
        std::future::ready(Attempted::Done(None))
    }
}

/// What one attempt came to.
pub enum Attempted<T> {
    /// It ended well.
    Done(T),
    /// It returned an error. Behind a pointer, for the sake of what ends well:
    /// that would be moved in pieces around a small field.
    Failed(Box<FailedAttempt>),
}

/// Why an attempt did not end well.
pub struct FailedAttempt {
    pub(crate) error: BoxError,
    /// Whether another attempt may help.
    pub(crate) may_retry: bool,
}

impl<T> Attempted<T> {
    /// The same outcome with another output.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Attempted<U> {
        match self {
            Self::Done(output) => Attempted::Done(with(output)),
            Self::Failed(failed) => Attempted::Failed(failed),
        }
    }

    /// It returned an error.
    pub fn failed(error: BoxError, may_retry: bool) -> Self {
        Self::Failed(Box::new(FailedAttempt { error, may_retry }))
    }
}

/// The step takes an `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take `{M}`",
    label = "brings `{M}`",
    note = "a step takes the type of its by-value parameter, and hands on what it returns",
    note = "one that returns `()` ends its branch: nothing follows it"
)]
pub trait Takes<M>: WorkflowStep {
    /// How: a type and no function, which would be one more body for each step.
    #[doc(hidden)]
    type By: Taking<M, Self::Input>;

    /// The message as the step takes it.
    fn take(message: M) -> Self::Input {
        Self::By::take(message)
    }
}

/// How an `M` becomes what a step takes.
#[doc(hidden)]
pub trait Taking<M, Input> {
    /// The message as the step takes it.
    fn take(message: M) -> Input;
}

/// It is what the step takes.
#[doc(hidden)]
pub struct AsItIs;

impl<M> Taking<M, M> for AsItIs {
    fn take(message: M) -> M {
        message
    }
}

/// Nothing does: whoever leads it there is told why.
#[doc(hidden)]
pub struct NotAtAll;

impl<M, Input> Taking<M, Input> for NotAtAll {
    fn take(_: M) -> Input {
        unreachable!("a topology that does not fit does not compile")
    }
}

/// A message that one edge leads to a join.
#[diagnostic::on_unimplemented(
    message = "`{S}` is a join, and one edge leads to it",
    label = "brings `{Self}` alone",
    note = "its by-value parameters are the parts of one message, and each comes on an edge of its own: `a & b -> step`",
    note = "what a step shares is its state, and taken by reference: `&T`"
)]
pub trait LeadsToJoin<S> {}

/// The step is a join that takes an `M` as its part at position `I`, counted
/// from 0.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take `{M}` as its part {I}",
    label = "brings `{M}`",
    note = "the parts of a join are its by-value parameters, counted from 0, in the order written at the `&`"
)]
pub trait TakesPart<const I: usize, M>: Join {
    /// Keeps the part.
    fn take_part(kept: &mut Self::Kept, part: M);
}

/// The step is a join that does without its part at position `I`, an `M`, where
/// that was skipped.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take `Option<{M}>` as its part {I}",
    label = "brings `{M}`, or nothing if it was skipped",
    note = "the parts of a join are its by-value parameters, counted from 0, in the order written at the `&`",
    note = "a part can be skipped by `else skip`, by `discard`, or where a failure ends in a step that returns nothing",
    note = "rule `lost_part`; see `cargo topology explain lost_part`"
)]
pub trait TakesSkippable<const I: usize, M>: Join {
    /// Keeps the part.
    fn take_part(kept: &mut Self::Kept, part: M);
}

#[diagnostic::do_not_recommend]
impl<const I: usize, M, S: TakesPart<I, Option<M>>> TakesSkippable<I, M> for S {
    fn take_part(kept: &mut Self::Kept, part: M) {
        <S as TakesPart<I, Option<M>>>::take_part(kept, Some(part));
    }
}

/// A step that is no join. Where several edges join at it, that alone is the
/// error, and not what each of them brings.
#[doc(hidden)]
pub trait Single: WorkflowStep {}

#[diagnostic::do_not_recommend]
impl<const I: usize, M, S: Single + WorkflowStep<Kept: Send>> TakesPart<I, M> for S {
    fn take_part(_: &mut Self::Kept, _: M) {
        unreachable!("a topology that does not fit does not compile")
    }
}

#[diagnostic::do_not_recommend]
impl<S: Single + WorkflowStep<Kept: Send>> Join for S {
    const PARTS: usize = 1;

    fn nothing() -> Self::Kept {
        unreachable!("a topology that does not fit does not compile")
    }

    fn skip_part(_: &mut Self::Kept, _: usize) {}

    fn complete(_: Self::Kept) -> Option<Self::Input> {
        None
    }
}

/// A step that runs once all parts of a message have come.
pub trait Join: WorkflowStep<Kept: Send> {
    /// How many parts there are.
    const PARTS: usize;
    /// Before any part has come.
    fn nothing() -> Self::Kept;
    /// Makes do without the part at `position`.
    fn skip_part(kept: &mut Self::Kept, position: usize);
    /// The message, once every part has come or was skipped.
    fn complete(kept: Self::Kept) -> Option<Self::Input>;
}

/// A join of `N` parts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not join {N} parts",
    label = "{N} edges join here",
    note = "a join takes one by-value parameter for each part, and what is shared by reference",
    note = "to go on with whichever comes, merge: `a | b -> step`"
)]
pub trait Joins<const N: usize>: Join {}

/// A step that hands nothing on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` returns a value that leads nowhere",
    label = "nothing follows this step",
    note = "lead it on, `step -> next [..]`, or to `out`; a step that ends its branch returns `()`",
    note = "rule `dead_end`"
)]
pub trait Sink: WorkflowStep<Output = ()> {}

/// A step that runs within its task, to its end.
#[doc(hidden)]
pub trait Inline {}

/// What a step returns if it can fail.
pub trait Fallible {
    /// What it hands on.
    type Ok: Send + 'static;
    /// Its error.
    type Error;

    /// The attempt, and whether another may help.
    fn attempted(self, when: Option<fn(&Self::Error) -> bool>) -> Attempted<Self::Ok>
    where
        Self::Error: StepError;
}

impl<T: Send + 'static, E> Fallible for Result<T, E> {
    type Ok = T;
    type Error = E;

    fn attempted(self, when: Option<fn(&E) -> bool>) -> Attempted<T>
    where
        E: StepError,
    {
        match self {
            Ok(output) => Attempted::Done(output),
            Err(error) => {
                let may_retry = when.is_none_or(|when| when(&error));
                Attempted::failed(error.boxed(), may_retry)
            }
        }
    }
}

/// An error that a failure can carry.
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` of a step cannot be reported",
    label = "a step's error converts into `Box<dyn Error + Send + Sync>`",
    note = "implement `std::error::Error` for it, or return a `String`"
)]
pub trait StepError {
    /// The error, whatever its type.
    fn boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> StepError for E {
    fn boxed(self) -> BoxError {
        self.into()
    }
}

/// A message that a fork can give to each of its edges.
#[diagnostic::on_unimplemented(
    message = "a fork clones its message, and `{Self}` is not `Clone`",
    label = "each edge of the fork gets a clone",
    note = "derive `Clone`, or share what is large: `Arc<{Self}>`"
)]
pub trait ForkClone {
    /// The clone.
    #[must_use]
    fn fork_clone(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> ForkClone for T {
    fn fork_clone(&self) -> Self {
        self.clone()
    }
}

/// The step can be tried again with a clone of an `M`.
#[diagnostic::on_unimplemented(
    message = "a retry clones its message, and `{M}` is not `Clone`",
    label = "the second attempt needs this again",
    note = "derive `Clone`, or share what is large: `Arc<{M}>`"
)]
pub trait Retries<M> {
    /// The clone.
    fn retry_clone(message: &M) -> M;
}

#[diagnostic::do_not_recommend]
impl<S: WorkflowStep, M: Clone> Retries<M> for S {
    fn retry_clone(message: &M) -> M {
        message.clone()
    }
}

/// What a fallback takes of a step that was given an `I` and keeps it as a `K`:
/// [`Failed`] with what it was given, or [`Failure`] without.
#[diagnostic::on_unimplemented(
    message = "a fallback cannot take `{Self}` where a `{K}` failed",
    label = "the failure goes on here",
    note = "a fallback takes `Failure`, which fits every step, or `Failed<..>` with what the failed step takes, which must be `Clone`",
    note = "of a failed join, `Failed<..>` has a tuple of the parts, each as an `Option`"
)]
pub trait FromFailure<K, I>: Sized {
    /// How a copy of the message is kept for the case.
    const KEEP: Option<fn(&I) -> I>;

    /// What the fallback gets; `None` if the message is gone.
    fn from_failure(kept: Option<K>, failure: Failure) -> Option<Self>;
}

impl<K, I> FromFailure<K, I> for Failure {
    const KEEP: Option<fn(&I) -> I> = None;

    fn from_failure(_: Option<K>, failure: Failure) -> Option<Self> {
        Some(failure)
    }
}

#[diagnostic::do_not_recommend]
impl<K, I: Clone> FromFailure<K, I> for Failed<K> {
    const KEEP: Option<fn(&I) -> I> = Some(Clone::clone);

    fn from_failure(kept: Option<K>, failure: Failure) -> Option<Self> {
        kept.map(|payload| Self { payload, failure })
    }
}
