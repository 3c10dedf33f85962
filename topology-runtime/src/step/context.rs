//! What a step can know of the message it works on.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::fate::Cancellation;
use crate::message::TraceContext;
use crate::supervisor::Core;

/// The context of one attempt at one message. A step that wants it takes it by
/// reference: `async fn fetch(url: Url, context: &StepContext) -> ..`.
#[derive(Clone)]
pub struct StepContext {
    pub(super) step: &'static str,
    pub(super) trace: TraceContext,
    pub(super) attempt: usize,
    /// When the attempt ends: the step's timeout or the message's deadline.
    pub(super) until: Option<Instant>,
    /// `None` for a step that does not ask.
    pub(super) cancellation: Option<Arc<Cancellation>>,
    /// When the message fails, wherever it is, or the scope that it is in.
    pub(super) deadline: Option<Instant>,
    /// One permit: a replica has one blocking thread at a time.
    pub(super) thread: Option<Arc<Semaphore>>,
    /// In a boundary: the topology that may stop meanwhile.
    pub(super) held: Option<Arc<Core>>,
}

impl StepContext {
    /// A context that nobody looks at.
    pub(super) fn unasked() -> Self {
        Self {
            step: "",
            trace: TraceContext::root(),
            attempt: 0,
            until: None,
            cancellation: None,
            deadline: None,
            thread: None,
            held: None,
        }
    }

    /// The name of the step in the topology.
    pub fn step(&self) -> &'static str {
        self.step
    }

    /// The trace context to hand on with calls to elsewhere: its span is the
    /// step's own.
    pub fn trace(&self) -> &TraceContext {
        &self.trace
    }

    /// Which attempt this is, counted from 1.
    pub fn attempt(&self) -> usize {
        self.attempt
    }

    /// How long this attempt may still take, by the step's timeout and the
    /// message's deadline; `None` if neither is set.
    pub fn remaining(&self) -> Option<Duration> {
        self.until
            .map(|until| until.saturating_duration_since(Instant::now()))
    }

    /// Whether the message failed elsewhere, or the topology was aborted or
    /// drained without time for it: a step that is blocking, or in a thread
    /// boundary, may look now and then and stop early.
    pub fn is_cancelled(&self) -> bool {
        let cancellation = self.cancellation.as_ref();
        let is_stopping = self.held.as_ref().is_some_and(|core| core.is_stopping());
        is_stopping || cancellation.is_some_and(|cancellation| cancellation.is_cancelled())
    }

    /// Waits until the message is cancelled. Cancellation safe.
    ///
    /// An async step does not need this: it is dropped then.
    pub async fn cancelled(&self) {
        match &self.cancellation {
            Some(cancellation) => cancellation.cancelled().await,
            None => std::future::pending().await,
        }
    }
}

impl std::fmt::Debug for StepContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepContext")
            .field("step", &self.step)
            .field("trace", &self.trace)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
