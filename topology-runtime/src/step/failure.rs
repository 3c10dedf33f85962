//! What went wrong with a message, and where.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// An error of a step, whatever its type.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a message, or one branch of it, failed. Clones are cheap.
#[derive(Clone)]
pub struct Failure(Arc<Details>);

#[derive(Clone)]
struct Details {
    kind: FailureKind,
    workflow: &'static str,
    step: &'static str,
    attempts: usize,
    error: Option<SharedError>,
}

type SharedError = Arc<dyn Error + Send + Sync>;

/// What kind of thing went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// The step returned an error; it is the failure's
    /// [`source`](Error::source).
    Error,
    /// An attempt took longer than the step's timeout.
    Timeout,
    /// The step panicked, with this text.
    Panic(String),
    /// The edge to the step stayed full for as long as its timeout; or it was
    /// full, and the message could not wait, because it comes from an edge that
    /// dropped it and whoever dropped it must not wait for it.
    EdgeFull,
    /// No step started on the message within the edge's timeout.
    EdgeTimeout,
    /// The edge to the step was full, and dropped the message.
    Dropped,
    /// The message's deadline passed.
    Deadline,
    /// The items of an `each` were not done within its time.
    ScopeTimeout,
    /// The step returned more items than its `each` allows: this many.
    TooManyItems(usize),
    /// The message came to a back edge once more than it may take it: this
    /// often.
    TooManyRounds(usize),
    /// Too few arms of a race ended well, and none of the others failed.
    RaceLost,
    /// All branches ended without the answer that the signature promises.
    Unanswered,
    /// The caller went away, and had asked for the message to fail then.
    CallerGone,
    /// The process that the step runs in ended while it was at the message, in
    /// this way; or the process was given up, and the topology with it.
    ProcessDied(String),
    /// No process was there for the message for as long as one may take to start;
    /// the last one ended in this way.
    ProcessUnavailable(String),
}

impl FailureKind {
    /// The kind in one word, `error.type` of OpenTelemetry: `error`, `timeout`,
    /// `panic`, `edge_full`, `edge_timeout`, `dropped`, `deadline`,
    /// `scope_timeout`, `too_many_items`, `too_many_rounds`, `race_lost`,
    /// `unanswered`, `caller_gone`, `process_died` or `process_unavailable`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Panic(_) => "panic",
            Self::EdgeFull => "edge_full",
            Self::EdgeTimeout => "edge_timeout",
            Self::Dropped => "dropped",
            Self::Deadline => "deadline",
            Self::ScopeTimeout => "scope_timeout",
            Self::TooManyItems(_) => "too_many_items",
            Self::TooManyRounds(_) => "too_many_rounds",
            Self::RaceLost => "race_lost",
            Self::Unanswered => "unanswered",
            Self::CallerGone => "caller_gone",
            Self::ProcessDied(_) => "process_died",
            Self::ProcessUnavailable(_) => "process_unavailable",
        }
    }
}

impl Failure {
    pub(crate) fn new(
        kind: FailureKind,
        workflow: &'static str,
        step: &'static str,
        attempts: usize,
    ) -> Self {
        Self(Arc::new(Details {
            kind,
            workflow,
            step,
            attempts,
            error: None,
        }))
    }

    pub(crate) fn with_error(mut self, error: BoxError) -> Self {
        Arc::make_mut(&mut self.0).error = Some(Arc::from(error));
        self
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> &FailureKind {
        &self.0.kind
    }

    /// The name of the topology.
    pub fn workflow(&self) -> &'static str {
        self.0.workflow
    }

    /// The name of the step at which it went wrong, or to which the edge leads
    /// on which it did.
    pub fn step(&self) -> &'static str {
        self.0.step
    }

    /// How many attempts the step made; 0 if it never started on the message.
    pub fn attempts(&self) -> usize {
        self.0.attempts
    }

    /// The step's error, if it returned one.
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.error.as_deref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { step, attempts, .. } = &*self.0;
        match &self.0.kind {
            FailureKind::Error => {
                write!(f, "step `{step}` failed")?;
                if let Some(error) = &self.0.error {
                    write!(f, ": {error}")?;
                }
            }
            FailureKind::Timeout => write!(f, "step `{step}` took too long")?,
            FailureKind::Panic(text) => write!(f, "step `{step}` panicked: {text}")?,
            FailureKind::EdgeFull => write!(f, "the edge to `{step}` stayed full")?,
            FailureKind::EdgeTimeout => write!(f, "`{step}` did not start in time")?,
            FailureKind::Dropped => write!(f, "the edge to `{step}` was full")?,
            FailureKind::Deadline => write!(f, "the deadline passed at `{step}`")?,
            FailureKind::ScopeTimeout => write!(f, "the time of its scope was over at `{step}`")?,
            FailureKind::TooManyItems(limit) => {
                write!(f, "step `{step}` returned more than {limit} items")?;
            }
            FailureKind::TooManyRounds(rounds) => {
                write!(
                    f,
                    "the message was to go back to `{step}` more than {rounds} times"
                )?;
            }
            FailureKind::RaceLost => write!(f, "no arm of the race to `{step}` ended well")?,
            FailureKind::Unanswered => write!(f, "`{}` ended without an answer", self.0.workflow)?,
            FailureKind::CallerGone => write!(f, "the caller went away")?,
            FailureKind::ProcessDied(how) => write!(f, "the process of `{step}` ended: {how}")?,
            FailureKind::ProcessUnavailable(how) => {
                write!(f, "no process was there for `{step}`: {how}")?;
            }
        }
        if *attempts > 1 {
            write!(f, " (after {attempts} attempts)")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("kind", &self.0.kind)
            .field("workflow", &self.0.workflow)
            .field("step", &self.0.step)
            .field("attempts", &self.0.attempts)
            .field("error", &self.0.error)
            .finish()
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0
            .error
            .as_deref()
            .map(|error| error as &(dyn Error + 'static))
    }
}

/// A message that failed, for a fallback step: what it was, and why it failed.
///
/// For a join the payload is a tuple of [`Option`]s, one for each part.
#[derive(Debug, Clone)]
pub struct Failed<T> {
    /// What the failed step was given.
    pub payload: T,
    /// Why, where, and after how many attempts it failed.
    pub failure: Failure,
}
