//! The traits that steps implement and edges ask for, in words that a compile
//! error can use.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{BoxError, Contract, Failed, Failure, StepContext};

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
    type Kept: Send + 'static;
    /// What the step hands on; `()` for a sink.
    type Output: Send + 'static;
    /// What the attribute declares.
    const CONTRACT: Contract;

    #[doc(hidden)]
    const KEEP: Option<Keep<Self>> = None;
    #[doc(hidden)]
    fn kept(message: Self::Input) -> Self::Kept;
}

/// How a copy of a step's message is made.
#[doc(hidden)]
pub(super) type Keep<S> = fn(&<S as WorkflowStep>::Input) -> <S as WorkflowStep>::Input;

/// A step that can run on the state `State`. Implemented by the attribute only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run on the state `{State}`",
    label = "the topology's state lacks something that this step borrows"
)]
pub trait Step<State>: WorkflowStep {
    /// One attempt.
    #[doc(hidden)]
    fn run(
        message: Self::Input,
        state: &Arc<State>,
        context: &StepContext,
    ) -> impl Future<Output = Attempted<Self::Output>> + Send;
}

/// What one attempt came to.
pub enum Attempted<T> {
    /// It ended well.
    Done(T),
    /// It returned an error.
    Failed {
        /// The error.
        error: BoxError,
        /// Whether another attempt may help.
        may_retry: bool,
    },
}

/// The step takes an `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take `{M}`",
    label = "brings `{M}`",
    note = "a step takes the type of its by-value parameter; one with several is a join: `a & b -> step`"
)]
pub trait Takes<M>: WorkflowStep {
    /// The message as the step takes it.
    fn take(message: M) -> Self::Input;
}

/// The step is a join that takes an `M` as its part at position `I`, counted
/// from 0.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take `{M}` as its part {I}",
    label = "brings `{M}`",
    note = "the parts of a join are its by-value parameters, counted from 0, in the order written at the `&`",
    note = "a part that can be skipped is taken as an `Option`"
)]
pub trait TakesPart<const I: usize, M>: Join {
    /// Keeps the part.
    fn take_part(kept: &mut Self::Kept, part: M);
}

/// A step that runs once all parts of a message have come.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no join",
    label = "several edges join here",
    note = "a join takes one by-value parameter for each part; to go on with whichever comes, merge: `a | b -> step`"
)]
pub trait Join: WorkflowStep {
    /// How many parts there are.
    const PARTS: usize;
    /// Before any part has come.
    fn nothing() -> Self::Kept;
    /// Makes do without the part at `position`.
    fn skip_part(kept: &mut Self::Kept, position: usize);
    /// The message, once every part has come or was skipped.
    fn complete(kept: Self::Kept) -> Option<Self::Input>;
}

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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `Result` whose error can be reported",
    note = "the error of a step converts into `Box<dyn Error + Send + Sync>`"
)]
pub trait Fallible {
    /// What it hands on.
    type Ok: Send + 'static;
    /// Its error.
    type Error;

    /// The attempt, and whether another may help.
    fn attempted(self, when: Option<fn(&Self::Error) -> bool>) -> Attempted<Self::Ok>;
}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static, E: Into<BoxError>> Fallible for Result<T, E> {
    type Ok = T;
    type Error = E;

    fn attempted(self, when: Option<fn(&E) -> bool>) -> Attempted<T> {
        match self {
            Ok(output) => Attempted::Done(output),
            Err(error) => Attempted::Failed {
                may_retry: when.is_none_or(|when| when(&error)),
                error: error.into(),
            },
        }
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

/// A message that can be tried again.
#[diagnostic::on_unimplemented(
    message = "a retry clones its message, and `{Self}` is not `Clone`",
    label = "the second attempt needs this again",
    note = "derive `Clone`, or share what is large: `Arc<{Self}>`"
)]
pub trait RetryClone {
    /// The clone.
    #[must_use]
    fn retry_clone(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> RetryClone for T {
    fn retry_clone(&self) -> Self {
        self.clone()
    }
}

/// What a fallback for the step `S` takes: [`Failed`] with what `S` was given,
/// or [`Failure`] without.
#[diagnostic::on_unimplemented(
    message = "a fallback cannot take `{Self}` from a failure of `{S}`",
    label = "the failure goes on here",
    note = "a fallback takes `Failed<..>` with what the failed step takes, which must be `Clone`, or `Failure`, which fits every step"
)]
pub trait FromFailure<S: WorkflowStep>: Sized {
    /// How a copy of the message is kept for the case.
    const KEEP: Option<Keep<S>>;

    /// What the fallback gets; `None` if the message is gone.
    fn from_failure(kept: Option<S::Kept>, failure: Failure) -> Option<Self>;
}

impl<S: WorkflowStep> FromFailure<S> for Failure {
    const KEEP: Option<Keep<S>> = None;

    fn from_failure(_: Option<S::Kept>, failure: Failure) -> Option<Self> {
        Some(failure)
    }
}

#[diagnostic::do_not_recommend]
impl<S: WorkflowStep> FromFailure<S> for Failed<S::Kept>
where
    S::Input: Clone,
{
    const KEEP: Option<Keep<S>> = Some(Clone::clone);

    fn from_failure(kept: Option<S::Kept>, failure: Failure) -> Option<Self> {
        kept.map(|payload| Self { payload, failure })
    }
}

/// A queue between two steps, for the note about queues between inline steps.
#[doc(hidden)]
pub struct Boundary<A, B>(PhantomData<(A, B)>);

#[expect(
    non_upper_case_globals,
    reason = "the rule's name is what the warning shows"
)]
impl<A: Inline, B: Inline> Boundary<A, B> {
    #[deprecated(
        note = "a queue between two inline steps that share every property costs more than both; `>>` would do"
    )]
    pub const idle_boundary: () = ();
}

/// What is found where [`Boundary`] has nothing to say.
#[doc(hidden)]
#[expect(
    non_upper_case_globals,
    reason = "found in place of the rule's constant"
)]
pub trait BusyBoundary {
    const idle_boundary: () = ();
}

impl<A, B> BusyBoundary for Boundary<A, B> {}
