//! An attempt at a message that came from another process.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::guard::Guard;
use super::{Attempted, Step, StepContext, WorkflowStep};
use crate::fate::Cancellation;
use crate::message::TraceContext;
use crate::state::Lent;

/// What an attempt knows of its message.
pub(crate) struct Origin {
    pub(crate) trace: TraceContext,
    /// Counted from 1.
    pub(crate) attempt: usize,
    /// What is left until the message's deadline.
    pub(crate) deadline: Option<Duration>,
}

/// What a replica has in a process.
pub(crate) struct Hosted<S: WorkflowStep> {
    name: &'static str,
    /// What the step keeps from message to message.
    own: Option<S::Own>,
    /// One permit: it has one blocking thread at a time.
    thread: Arc<Semaphore>,
    /// For a step that does not ask for its own.
    unasked: StepContext,
}

impl<S: WorkflowStep> Hosted<S> {
    /// Of a step with that name.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            own: None,
            thread: Arc::new(Semaphore::new(1)),
            unasked: StepContext::unasked(),
        }
    }

    /// Whether the step is told of its message, and whether somebody still wants it.
    pub(crate) const fn is_told() -> bool {
        S::CONTRACT.needs_context()
    }

    /// Makes an attempt; a panic comes back as its text. What the step keeps from
    /// message to message is made where it is not there, and is left if this is
    /// dropped or panics.
    pub(crate) async fn attempt<State>(
        &mut self,
        message: S::Input,
        state: &Lent<State>,
        origin: Origin,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Attempted<S::Output>, String>
    where
        S: Step<State>,
        State: Send + Sync + 'static,
    {
        let asked;
        let guard = Guard::of(None, &origin.trace);
        let context = if Self::is_told() {
            asked = self.context(&origin, cancellation);
            &asked
        } else {
            &self.unasked
        };
        let mut own = match self.own.take() {
            None => guard.run(|| S::own(state))?,
            own => own,
        };
        let attempt = async { S::run(message, state, context, &mut own).await };
        let ended = guard.wait(attempt).await?;
        self.own = own;
        Ok(ended)
    }

    fn context(&self, origin: &Origin, cancellation: Option<Arc<Cancellation>>) -> StepContext {
        let now = Instant::now();
        let left = [S::CONTRACT.timeout, origin.deadline];
        let left = left.into_iter().flatten().min();
        StepContext {
            step: self.name,
            trace: origin.trace.clone(),
            attempt: origin.attempt,
            until: left.map(|left| now + left),
            cancellation,
            deadline: origin.deadline.map(|deadline| now + deadline),
            thread: Some(Arc::clone(&self.thread)),
            held: None,
        }
    }
}
