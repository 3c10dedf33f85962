//! Where answers wait that nobody called for.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use super::{Lane, Place};

/// The answers of a topology with sources, each with its place on the edge that
/// brought it.
#[derive(Default)]
pub(crate) struct Outlet(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    answers: VecDeque<Answer>,
    listener: Listener,
    waker: Option<Waker>,
}

/// Whether somebody takes the answers.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Listener {
    /// Nobody has asked for them yet.
    #[default]
    Expected,
    There,
    Gone,
}

/// An answer that waits to be taken.
pub(crate) struct Answer {
    pub(crate) place: Place,
    pub(crate) output: Box<dyn Any + Send>,
    pub(crate) offered: Instant,
}

impl Outlet {
    pub(crate) fn listener(&self) -> Listener {
        self.waiting().listener
    }

    /// Somebody takes the answers from now on; `false` if somebody did before.
    pub(crate) fn listen(&self) -> bool {
        let mut waiting = self.waiting();
        let is_first = waiting.listener == Listener::Expected;
        if is_first {
            waiting.listener = Listener::There;
        }
        is_first
    }

    /// Nobody takes them any more: those that wait are dropped, and so is
    /// whatever comes.
    pub(crate) fn close(&self) {
        let mut waiting = self.waiting();
        waiting.listener = Listener::Gone;
        waiting.waker = None;
        let answers = std::mem::take(&mut waiting.answers);
        drop(waiting);
        drop(answers);
    }

    pub(crate) fn push(&self, answer: Answer) {
        let mut waiting = self.waiting();
        if waiting.listener == Listener::Gone {
            drop(waiting);
            drop(answer);
            return;
        }
        waiting.answers.push_back(answer);
        let waker = waiting.waker.take();
        drop(waiting);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes the oldest away that one edge brought.
    pub(crate) fn pop_of(&self, lane: &Arc<Lane>) -> Option<Answer> {
        let mut waiting = self.waiting();
        let mut answers = waiting.answers.iter();
        let oldest = answers.position(|answer| answer.place.is_of(lane))?;
        waiting.answers.remove(oldest)
    }

    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Box<dyn Any + Send>> {
        let mut waiting = self.waiting();
        match waiting.answers.pop_front() {
            Some(answer) => {
                drop(waiting);
                let Answer {
                    place,
                    output,
                    offered,
                } = answer;
                if let Some(lane) = place.lane() {
                    lane.meter.taken(offered.elapsed());
                }
                Poll::Ready(output)
            }
            None => {
                waiting.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
