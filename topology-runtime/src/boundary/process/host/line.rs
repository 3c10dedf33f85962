//! What comes to a process for one replica: one attempt after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::frame::Which;
use crate::fate::Cancellation;

#[derive(Default)]
pub(super) struct Line(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// The attempts that have come, as frames.
    frames: Vec<u8>,
    /// Somebody works on them, and will on what comes.
    is_at_work: bool,
    /// What is at work that can be given up.
    at: Option<(Which, Arc<Cancellation>)>,
    /// What was given up last.
    given_up: Option<Which>,
}

impl Line {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Attempts have come. `true` if nobody works on them yet: whoever is told has to
    /// see to it.
    pub(super) fn bring(&self, frames: &[u8]) -> bool {
        let mut waiting = self.waiting();
        waiting.frames.extend_from_slice(frames);
        !std::mem::replace(&mut waiting.is_at_work, true)
    }

    /// Takes what has come, in exchange for nothing: `frames` is empty. `false` if
    /// that is nothing.
    pub(super) fn take(&self, frames: &mut Vec<u8>) -> bool {
        let mut waiting = self.waiting();
        std::mem::swap(&mut waiting.frames, frames);
        !frames.is_empty()
    }

    /// The same; where it is nothing, nobody works on what comes from now on.
    pub(super) fn take_or_leave(&self, frames: &mut Vec<u8>) -> bool {
        let mut waiting = self.waiting();
        std::mem::swap(&mut waiting.frames, frames);
        waiting.at = None;
        waiting.is_at_work = !frames.is_empty();
        waiting.is_at_work
    }

    /// That is at work, and whether somebody still wants it can be seen.
    pub(super) fn is_at(&self, which: Which) -> Arc<Cancellation> {
        let cancellation = Arc::<Cancellation>::default();
        let mut waiting = self.waiting();
        waiting.at = Some((which, Arc::clone(&cancellation)));
        let is_given_up = waiting.given_up == Some(which);
        drop(waiting);
        if is_given_up {
            cancellation.cancel();
        }
        cancellation
    }

    /// Nobody wants that any more.
    pub(super) fn give_up(&self, which: Which) {
        let mut waiting = self.waiting();
        waiting.given_up = Some(which);
        let at = waiting.at.take_if(|(at, _)| *at == which);
        drop(waiting);
        if let Some((_, cancellation)) = at {
            cancellation.cancel();
        }
    }
}
