//! Why an attempt brought no output, and the wait before the next one.

use std::pin::Pin;
use std::sync::Arc;

use tokio::time::{Sleep, sleep, sleep_until};

use super::runner::Runner;
use super::{Attempted, Bounded, BoxError, FailureKind, Retry, WorkflowStep, bounded};
use crate::fate::Scope;
use crate::telemetry::nanos;

/// Why an attempt brought no output.
pub(super) enum Setback {
    Error(BoxError, bool),
    Timeout,
    Panic(String),
    Deadline,
    Cancelled,
    /// The process that was at it ended.
    #[cfg(feature = "process")]
    Died(String),
    /// There was no process for it in time.
    #[cfg(feature = "process")]
    Unavailable(String),
}

impl Setback {
    /// Why nothing came of this.
    #[cold]
    pub(super) fn of<T>(ended: Result<Attempted<T>, String>) -> Self {
        match ended {
            Ok(Attempted::Failed(failed)) => Self::Error(failed.error, failed.may_retry),
            Err(text) => Self::Panic(text),
            // Something did, and came too late.
            Ok(Attempted::Done(_)) => Self::Deadline,
        }
    }

    /// The same where it was waited for: until the message's deadline, or only as
    /// long as the step may take.
    pub(super) fn of_bounded(
        ended: Bounded<Option<Box<Self>>>,
        is_deadline: bool,
    ) -> Option<Box<Self>> {
        match ended {
            Bounded::Done(setback) => setback,
            Bounded::Cancelled => Some(Box::new(Self::Cancelled)),
            Bounded::TimedOut if is_deadline => Some(Box::new(Self::Deadline)),
            Bounded::TimedOut => Some(Box::new(Self::Timeout)),
        }
    }

    pub(super) fn may_retry(&self) -> bool {
        match self {
            Self::Error(_, may_retry) => *may_retry,
            Self::Timeout => true,
            #[cfg(feature = "process")]
            Self::Died(_) => true,
            _ => false,
        }
    }

    /// The kind of its failure.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Error(..) => FailureKind::Error.name(),
            Self::Timeout => FailureKind::Timeout.name(),
            Self::Panic(_) => "panic",
            Self::Deadline => FailureKind::Deadline.name(),
            Self::Cancelled => "cancelled",
            #[cfg(feature = "process")]
            Self::Died(_) => "process_died",
            #[cfg(feature = "process")]
            Self::Unavailable(_) => "process_unavailable",
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Error(error, _) => error.to_string(),
            Self::Timeout => "took too long".to_owned(),
            Self::Panic(text) => format!("panicked: {text}"),
            Self::Deadline => "the deadline passed".to_owned(),
            Self::Cancelled => "cancelled".to_owned(),
            #[cfg(feature = "process")]
            Self::Died(how) => format!("the process ended: {how}"),
            #[cfg(feature = "process")]
            Self::Unavailable(how) => format!("no process was there: {how}"),
        }
    }
}

impl<S: WorkflowStep> Runner<S> {
    /// Waits before the attempt behind that one, but not past the deadline: for the
    /// backoff, and then for the step's rate, together no longer than the backoff's
    /// cap. Where the rate allows no attempt by then there is none, and nothing to
    /// say instead of what the last one came to.
    ///
    /// Behind a pointer: few steps try again, and the others need no room for it.
    pub(super) fn wait_to_retry<'w>(
        &'w self,
        retry: Retry,
        attempt: usize,
        scope: &'w Arc<Scope>,
    ) -> Pin<Box<dyn Future<Output = Result<(), Option<Setback>>> + Send + 'w>> {
        let (clock, limiter) = (&self.core.clock, &self.core.limiters[self.number()]);
        Box::pin(async move {
            let latest = clock.now().plus(nanos(retry.to));
            back_off(sleep(retry.draw(attempt + 1)), scope).await?;
            let Some(limiter) = limiter else {
                return Ok(());
            };
            let next = limiter.reserve(clock.now(), latest).ok_or(None)?;
            match clock.instant(next) {
                Some(next) => Ok(back_off(sleep_until(next), scope).await?),
                None => Err(None),
            }
        })
    }
}

async fn back_off(wait: Sleep, scope: &Arc<Scope>) -> Result<(), Setback> {
    match bounded(wait, || scope.until, || scope.cancellation()).await {
        Bounded::Done(()) => Ok(()),
        Bounded::TimedOut => Err(Setback::Deadline),
        Bounded::Cancelled => Err(Setback::Cancelled),
    }
}
