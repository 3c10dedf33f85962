//! Messages that were not accepted, and calls that were not answered.

use std::error::Error;
use std::fmt;

use crate::message::Message;
use crate::step::{BoxError, Failure};

/// A message that was not accepted, and why. Nothing was done with it.
pub struct Refused<M> {
    /// The message as it was offered.
    pub message: Box<Message<M>>,
    /// Why it was not accepted.
    pub reason: Refusal,
}

/// Why a message was not accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Refusal {
    /// The first edge stayed full for as long as its timeout.
    Full,
    /// The message's own time was over before there was room.
    Deadline,
    /// The topology is being drained, or has been.
    Closed,
    /// The topology was aborted.
    Aborted(Failure),
}

/// Why a call has no answer.
pub enum CallError<M> {
    /// The message was not accepted, and comes back.
    Refused(Refused<M>),
    /// The message failed.
    Failed(Failure),
    /// The topology was aborted, for this reason, or drained without time for
    /// the message.
    Abandoned(Option<Failure>),
}

impl<M> CallError<M> {
    /// Why there is no answer, without the message.
    pub(crate) fn into_reason(self) -> BoxError {
        match self {
            Self::Refused(refused) => refused.to_string().into(),
            Self::Failed(failure) | Self::Abandoned(Some(failure)) => Box::new(failure),
            Self::Abandoned(None) => "the topology was stopped".into(),
        }
    }

    /// The failure of a message that failed.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the topology stayed full"),
            Self::Deadline => f.write_str("the message's time was over before there was room"),
            Self::Closed => f.write_str("the topology takes no messages any more"),
            Self::Aborted(failure) => write!(f, "the topology was aborted: {failure}"),
        }
    }
}

impl<M> fmt::Display for Refused<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the message was not accepted: {}", self.reason)
    }
}

impl<M> fmt::Debug for Refused<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused")
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl<M> fmt::Display for CallError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => fmt::Display::fmt(refused, f),
            Self::Failed(failure) => fmt::Display::fmt(failure, f),
            Self::Abandoned(Some(failure)) => {
                write!(
                    f,
                    "the message was abandoned: the topology was aborted: {failure}"
                )
            }
            Self::Abandoned(None) => {
                f.write_str("the message was abandoned: the topology was stopped")
            }
        }
    }
}

impl<M> fmt::Debug for CallError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => f.debug_tuple("Refused").field(refused).finish(),
            Self::Failed(failure) => f.debug_tuple("Failed").field(failure).finish(),
            Self::Abandoned(failure) => f.debug_tuple("Abandoned").field(failure).finish(),
        }
    }
}

impl<M> Error for Refused<M> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.reason {
            Refusal::Aborted(failure) => Some(failure),
            _ => None,
        }
    }
}

impl<M> Error for CallError<M> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(refused) => refused.source(),
            Self::Failed(failure) => failure.source(),
            Self::Abandoned(failure) => failure.as_ref().map(|failure| failure as _),
        }
    }
}

impl<M> From<Refused<M>> for CallError<M> {
    fn from(refused: Refused<M>) -> Self {
        Self::Refused(refused)
    }
}
