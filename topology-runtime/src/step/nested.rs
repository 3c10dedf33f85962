//! A topology as a step of another.
//!
//! It runs with tasks and books of its own; a message of the outer one that
//! comes to it becomes a message of the inner one, and goes on with its answer.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::{Attempted, BoxError, StepContext};
use crate::handle::Handle;
use crate::message::Message;
use crate::state::Lent;
use crate::supervisor::{Child, Opened, Tally};
use crate::topology::{End, Topology};

/// What a replica holds of the topology inside it.
pub struct Nested<T: Topology> {
    callee: Arc<dyn Callee<T>>,
    way: Arc<Way>,
    /// Held until the topology has accepted the message.
    entering: Option<OwnedSemaphorePermit>,
    /// Held from the message's outcome until it has gone on.
    leaving: Option<Opened>,
}

/// How messages go in and out.
struct Way {
    /// One message at a time waits to be accepted.
    entrance: Arc<Semaphore>,
    /// While any has not gone on, none goes in: what comes out would pile up.
    exit: Arc<Tally>,
}

/// A topology that another calls. What it is made of stays behind the pointer:
/// where it does not fit together, that is not an error of the outer one too.
pub(crate) trait Callee<T: Topology>: Child {
    /// Sends a message through. The permit is given back once it is accepted.
    fn call(
        &self,
        message: Message<T::Input>,
        entering: Option<OwnedSemaphorePermit>,
    ) -> Calling<'_, T>;
}

pub(crate) type Calling<'c, T> = Pin<
    Box<dyn Future<Output = Result<<<T as Topology>::End as End>::Answer, BoxError>> + Send + 'c>,
>;

/// A topology inside a step, whatever its messages are.
pub trait Inner: Send {
    /// The topology.
    #[doc(hidden)]
    fn child(&self) -> Arc<dyn Child>;

    /// Holds the same topology once more.
    #[doc(hidden)]
    fn another(&self) -> Box<dyn Any + Send>;

    /// Waits until it is the next message's turn to go in.
    #[doc(hidden)]
    fn enter(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// What can have the topology `T` inside, or lead to it.
#[diagnostic::on_unimplemented(
    message = "`{T}` begins its messages itself: it is no step of another topology",
    label = "its header says `!` for what comes in",
    note = "a topology is a step of another if messages come to it from outside: `Name<In -> Out>`",
    note = "draw its sources in this topology, and lead their items to what is behind them"
)]
pub trait Around<T> {}

impl<T: Topology> Nested<T> {
    /// Starts the topology on the current tokio runtime.
    pub fn start(state: Lent<T::State>) -> Self {
        Self {
            callee: Arc::new(Handle::<T>::run(state)),
            way: Arc::new(Way {
                entrance: Arc::new(Semaphore::new(1)),
                exit: Arc::default(),
            }),
            entering: None,
            leaving: None,
        }
    }

    /// Sends a message through. One that is given up outside is cancelled
    /// inside.
    ///
    /// # Panics
    ///
    /// Panics if there is no topology: it is started with the one around it.
    pub async fn send(
        own: &mut Option<Self>,
        message: T::Input,
        context: &StepContext,
    ) -> Attempted<<T::End as End>::Answer> {
        let own = own.as_mut().expect("a topology starts with its outer one");
        let mut message = Message::in_current_span(message);
        if let Some(deadline) = context.deadline {
            message = message.within(deadline.saturating_duration_since(Instant::now()));
        }
        let answer = own.callee.call(message, own.entering.take()).await;
        own.leaving = Some(Tally::open(&own.way.exit));
        match answer {
            Ok(answer) => Attempted::Done(answer),
            Err(error) => Attempted::failed(error, false),
        }
    }
}

impl<T: Topology> Inner for Nested<T> {
    fn child(&self) -> Arc<dyn Child> {
        Arc::clone(&self.callee) as Arc<dyn Child>
    }

    fn another(&self) -> Box<dyn Any + Send> {
        Box::new(Self {
            callee: Arc::clone(&self.callee),
            way: Arc::clone(&self.way),
            entering: None,
            leaving: None,
        })
    }

    fn enter(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            self.way.exit.none().await;
            let entrance = Arc::clone(&self.way.entrance);
            self.entering = entrance.acquire_owned().await.ok();
        })
    }
}
