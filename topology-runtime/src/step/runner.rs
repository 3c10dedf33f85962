//! What runs a step, and where its failures go.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::requirements::Keep;
use super::setback::Setback;
use super::{Failure, FailureKind, Kind, Otherwise, Overfull, StepContext, WorkflowStep};
use crate::edge::Queue;
use crate::fate::{Branch, Delivery};
use crate::supervisor::{Core, Post};
use crate::telemetry::{StepMeter, Writer};

/// Runs one step of a topology.
pub struct Runner<S: WorkflowStep> {
    pub(super) core: Arc<Core>,
    number: usize,
    policy: Policy<S>,
}

/// Where the runner finds out what becomes of failures.
enum Policy<S: WorkflowStep> {
    /// With the queue: messages can fail before the step has them.
    Queue(Queue<S>),
    /// By itself: the step is called by another.
    Own(Otherwise<S>),
}

/// What all steps of one replica share.
pub struct Replica {
    /// One permit: a replica has one blocking thread at a time.
    pub(crate) thread: Arc<Semaphore>,
    /// Which of the step's it is.
    #[cfg(feature = "process")]
    pub(super) number: u32,
    /// Whether it is the only one.
    pub(super) writer: Writer,
    /// Where it says what it is at.
    pub(super) post: Arc<Post>,
    /// For steps that do not ask for theirs.
    pub(super) unasked: StepContext,
}

impl Replica {
    pub(super) fn new(writer: Writer, number: usize, post: Arc<Post>) -> Self {
        #[cfg(not(feature = "process"))]
        let _ = number;
        Self {
            #[cfg(feature = "process")]
            number: u32::try_from(number).unwrap_or(u32::MAX),
            thread: Arc::new(Semaphore::new(1)),
            post,
            writer,
            unasked: StepContext::unasked(),
        }
    }
}

impl<S: WorkflowStep> Runner<S> {
    /// Whether each replica has something of the step's own.
    pub(super) const HAS_OWN: bool =
        S::CONTRACT.is_stateful || matches!(S::CONTRACT.kind, Kind::Topology);
    /// Whether an attempt may be followed by another.
    pub(super) const TRIES_AGAIN: bool = S::CONTRACT.attempts() > 1;
    /// Whether an attempt is over as soon as it has begun.
    pub(super) const IS_INLINE: bool = matches!(S::CONTRACT.kind, Kind::Inline);

    pub(crate) fn of_queue(queue: Queue<S>) -> Self {
        Self {
            core: Arc::clone(queue.core()),
            number: queue.number(),
            policy: Policy::Queue(queue),
        }
    }

    pub(crate) fn called(core: Arc<Core>, number: usize, otherwise: Otherwise<S>) -> Self {
        Self {
            core,
            number,
            policy: Policy::Own(otherwise),
        }
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn otherwise(&self) -> &Otherwise<S> {
        match &self.policy {
            Policy::Queue(queue) => queue.policy(),
            Policy::Own(otherwise) => otherwise,
        }
    }

    /// How to copy the message before that attempt, if a failure has a use for
    /// it.
    #[inline]
    pub(super) fn keep(&self, attempt: usize) -> Option<Keep<S>> {
        if attempt < S::CONTRACT.attempts() {
            S::KEEP
        } else {
            self.otherwise().keep()
        }
    }

    pub(super) fn meter(&self) -> &StepMeter {
        &self.core.steps[self.number]
    }

    /// What the step returned cannot be handed on: its message is gone, and the
    /// failure goes where its failures go.
    pub(crate) fn fail_output(&self, overfull: Overfull) -> Delivery {
        let Overfull { kind, branch } = overfull;
        let core = &self.core;
        self.meter().failed(&kind);
        let failure = Failure::new(kind, core.name, core.step_name(self.number), 1);
        self.otherwise().handle(core, None, failure, branch)
    }

    pub(super) fn failure(&self, setback: Setback, attempts: usize, branch: &Branch) -> Failure {
        let new = |kind| {
            Failure::new(
                kind,
                self.core.name,
                self.core.step_name(self.number),
                attempts,
            )
        };
        match setback {
            Setback::Error(error, _) => new(FailureKind::Error).with_error(error),
            Setback::Panic(text) => new(FailureKind::Panic(text)),
            Setback::Deadline => {
                let lateness = branch.scope().lateness(Instant::now());
                new(lateness.unwrap_or(FailureKind::Deadline))
            }
            #[cfg(feature = "process")]
            Setback::Died(how) => new(FailureKind::ProcessDied(how)),
            #[cfg(feature = "process")]
            Setback::Unavailable(how) => new(FailureKind::ProcessUnavailable(how)),
            Setback::Timeout | Setback::Cancelled => new(FailureKind::Timeout),
        }
    }
}
