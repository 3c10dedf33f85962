//! An attempt at a message that came from another process.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::guard::Guard;
use super::{Attempted, Step, StepContext};
use crate::fate::Cancellation;
use crate::message::TraceContext;
use crate::state::Lent;

/// What an attempt knows of its message.
pub(crate) struct Origin {
    pub(crate) step: &'static str,
    pub(crate) trace: TraceContext,
    /// Counted from 1.
    pub(crate) attempt: usize,
    /// What is left for it.
    pub(crate) remaining: Option<Duration>,
    /// What is left until the message's deadline.
    pub(crate) deadline: Option<Duration>,
    pub(crate) cancellation: Arc<Cancellation>,
    /// One permit: a replica has one blocking thread at a time.
    pub(crate) thread: Arc<Semaphore>,
}

/// Makes the attempt; a panic comes back as its text. What the step keeps from
/// message to message is made where it is not there, and is left if it ends.
pub(crate) async fn hosted<S, State>(
    message: S::Input,
    state: &Lent<State>,
    origin: Origin,
    own: &mut Option<S::Own>,
) -> Result<Attempted<S::Output>, String>
where
    S: Step<State>,
    State: Send + Sync + 'static,
{
    let now = Instant::now();
    let context = StepContext {
        step: origin.step,
        trace: origin.trace,
        attempt: origin.attempt,
        until: origin.remaining.map(|remaining| now + remaining),
        cancellation: Some(origin.cancellation),
        deadline: origin.deadline.map(|deadline| now + deadline),
        thread: Some(origin.thread),
        held: None,
    };
    let guard = Guard::of(None, &context.trace);
    if own.is_none() {
        *own = guard.run(|| S::own(state))?;
    }
    let attempt = async { S::run(message, state, &context, own).await };
    guard.wait(attempt).await
}
