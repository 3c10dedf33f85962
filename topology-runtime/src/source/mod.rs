//! Sources: steps that take no message and return a stream of them.

mod dry;
mod flow;
mod item;
mod task;
mod tracked;

use futures_core::Stream;

pub use self::dry::Dry;
pub use self::flow::Flow;
pub use self::item::Item;
pub(crate) use self::tracked::Notice;
pub use self::tracked::{Receipt, Settlement, Tracked};
use crate::state::Lent;
use crate::step::WorkflowStep;

/// The input of a topology that has none: its header says `<! -> Out>`, and
/// sources begin its messages. So nobody can make a message to call it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInput {}

/// A source that can run on the state `State`. Implemented by the attribute
/// only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` takes messages, and nothing leads to it",
    label = "the header says `!` for the input, so this would be a source",
    note = "a source takes no message and returns a stream: `fn source(..) -> impl Stream<Item = T>`",
    note = "draw how messages come to a step that takes them: `source -> step [..];`"
)]
pub trait Source<State>: WorkflowStep {
    /// What the stream brings.
    #[doc(hidden)]
    type Brought: Send + 'static;

    /// A new stream.
    #[doc(hidden)]
    fn open(state: &Lent<State>) -> impl Stream<Item = Self::Brought> + Send;

    /// The item as a message.
    #[doc(hidden)]
    fn begin(brought: Self::Brought) -> Item<Self::Output>;
}

/// A message that an edge leads to a source.
#[diagnostic::on_unimplemented(
    message = "`{S}` is a source and takes no message",
    label = "brings `{Self}`",
    note = "a source stands at the beginning of a topology without input, and nothing leads to it: `pub Name<! -> Out>; source -> step [..];`"
)]
pub trait LeadsToSource<S> {}
