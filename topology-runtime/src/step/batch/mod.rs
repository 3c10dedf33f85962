//! Steps that work on several messages at once.
//!
//! Each message keeps its own branch, time, fate and way on: only the step's
//! work is shared.

mod task;
mod work;

use std::marker::PhantomData;

pub use self::task::BatchTask;
use super::{
    AsItIs, Attempted, Contract, Fallible, Sink, Step, StepContext, StepError, Takes, WorkflowStep,
};
use crate::budget::Depth;
use crate::state::Lent;

/// A step that can take a batch: its message is a `Vec`, and it returns
/// nothing, or one result for each message, in order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` takes no batches",
    label = "brings several messages at once",
    note = "a step behind `batch` takes `Vec<T>`, and returns nothing or a `Vec` with one result for each message, plain or each a `Result`",
    note = "a step that ticks or finishes takes its messages one by one"
)]
pub trait Batches: WorkflowStep<Item: Send + 'static, Each: Send + 'static> {
    /// The messages as the step takes them.
    fn batch(messages: Vec<Self::Item>) -> Self::Input;

    /// A copy of the messages, if they may be tried again.
    #[expect(clippy::ptr_arg, reason = "a step's message is copied as it is taken")]
    fn copy(messages: &Vec<Self::Item>) -> Option<Vec<Self::Item>>;

    /// One result for each of `sent` messages.
    fn results(output: Self::Output, sent: usize) -> Vec<Attempted<Self::Each>>;
}

/// The step `S`, as the edges that lead to it see it: it takes and hands on
/// single messages.
pub struct Batched<S>(PhantomData<fn() -> S>);

impl<S> WorkflowStep for Batched<S>
where
    S: WorkflowStep<Item: Send + 'static, Each: Send + 'static>,
{
    type Input = S::Item;
    type Kept = S::Item;
    type Output = S::Each;
    type Item = S::Item;
    type Each = S::Each;
    type Own = S::Own;
    type Inside<D: Depth> = ();

    const CONTRACT: Contract = S::CONTRACT;

    fn kept(message: S::Item) -> S::Item {
        message
    }
}

impl<S> Takes<S::Item> for Batched<S>
where
    S: WorkflowStep<Item: Send + 'static, Each: Send + 'static>,
{
    type By = AsItIs;
}

impl<S: WorkflowStep<Item: Send + 'static, Each = ()>> Sink for Batched<S> {}

impl<S: super::Reactive> super::Reactive for Batched<S> {}

impl<State, S> Step<State> for Batched<S>
where
    State: Send + Sync + 'static,
    S: Batches + Step<State>,
{
    /// A batch of one.
    async fn run(
        message: S::Item,
        state: &Lent<State>,
        context: &StepContext,
        own: &mut Option<S::Own>,
    ) -> Attempted<S::Each> {
        match S::run(S::batch(vec![message]), state, context, own).await {
            Attempted::Done(output) => match S::results(output, 1).pop() {
                Some(result) => result,
                None => unreachable!("there is a result for each message"),
            },
            Attempted::Failed(failed) => Attempted::Failed(failed),
        }
    }

    fn own(state: &Lent<State>) -> Option<S::Own> {
        S::own(state)
    }
}

/// The results of a step that returns nothing.
pub fn none(sent: usize) -> Vec<Attempted<()>> {
    std::iter::repeat_with(|| Attempted::Done(()))
        .take(sent)
        .collect()
}

/// The results of a step that fails as a whole or not at all.
pub fn plain<T>(results: Vec<T>, sent: usize) -> Vec<Attempted<T>> {
    counted(results.into_iter().map(Attempted::Done).collect(), sent)
}

/// The results of a step that may fail on each message.
pub fn fallible<R: Fallible<Error: StepError>>(
    results: Vec<R>,
    sent: usize,
    when: Option<fn(&R::Error) -> bool>,
) -> Vec<Attempted<R::Ok>> {
    let results = results.into_iter().map(|result| result.attempted(when));
    counted(results.collect(), sent)
}

/// A step that mixed up its messages has failed on all of them.
fn counted<T>(results: Vec<Attempted<T>>, sent: usize) -> Vec<Attempted<T>> {
    let returned = results.len();
    if returned == sent {
        return results;
    }
    let failed = || {
        let error = format!("the step returned {returned} results for a batch of {sent} messages");
        Attempted::failed(error.into(), false)
    };
    std::iter::repeat_with(failed).take(sent).collect()
}
