//! What a stream brings, as a message that may begin.

use super::{Notice, Tracked};
use crate::message::Message;

/// A message, and whom to tell of its fate.
pub struct Item<T> {
    pub(super) message: Message<T>,
    pub(super) notice: Option<Notice>,
}

impl<T> Item<T> {
    /// A payload begins a trace.
    pub fn plain(payload: T) -> Self {
        Self::message(Message::root(payload))
    }

    /// A message brings its trace.
    pub fn message(message: Message<T>) -> Self {
        Self {
            message,
            notice: None,
        }
    }

    /// A payload whose fate is wanted.
    pub fn tracked(tracked: Tracked<T>) -> Self {
        Self::tracked_message(tracked.map(Message::root))
    }

    /// A message whose fate is wanted.
    pub fn tracked_message(tracked: Tracked<Message<T>>) -> Self {
        let (message, notice) = tracked.into_parts();
        Self {
            message,
            notice: Some(notice),
        }
    }
}
