//! What a task does between two waits.
//!
//! Much of what a message costs is paid for each look at something that several
//! tasks share: a queue, an edge's places, the books. In a turn a task looks once
//! for all the messages that it gets done.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;

use super::Core;
use crate::edge::Outbox;
use crate::fate::{Entries, Pocket};

/// What a task has not told the others yet.
pub(crate) struct Turn {
    pub(crate) core: Arc<Core>,
    pub(crate) outbox: Outbox,
    pub(crate) entries: Entries,
    pub(crate) pocket: Pocket,
}

thread_local! {
    /// Of the task that runs on this thread.
    static TURN: Cell<Option<Box<Turn>>> = const { Cell::new(None) };
}

impl Turn {
    /// Tells everything. First the books: what others can see has been accepted.
    pub(crate) fn tell(&mut self) {
        self.core.accounts.enter(&mut self.entries);
        self.outbox.send();
    }

    pub(crate) fn is_of(&self, core: &Core) -> bool {
        std::ptr::eq(&raw const *self.core, core)
    }
}

/// The turn of the task that runs on this thread, until dropped.
pub(crate) struct Current(Option<Box<Turn>>);

/// There is no turn if no task of a topology runs, or if this is what the turn
/// does already.
#[inline]
pub(crate) fn current() -> Current {
    Current(TURN.try_with(Cell::take).ok().flatten())
}

impl Current {
    #[inline]
    pub(crate) fn get(&mut self) -> Option<&mut Turn> {
        self.0.as_deref_mut()
    }
}

impl Drop for Current {
    #[inline]
    fn drop(&mut self) {
        if let Some(turn) = self.0.take() {
            // One that finds no place any more tells what it has.
            let _ = TURN.try_with(|own| own.set(Some(turn)));
        }
    }
}

/// Does all of a task's work in turns.
pub(crate) async fn in_turns<T>(core: Arc<Core>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut turn = Some(Box::new(Turn {
        core,
        outbox: Outbox::default(),
        entries: Entries::default(),
        pocket: Pocket::default(),
    }));
    poll_fn(|context| {
        let _taking = Taking::begin(&mut turn);
        work.as_mut().poll(context)
    })
    .await
}

/// A turn that has begun, until dropped.
struct Taking<'t> {
    own: &'t mut Option<Box<Turn>>,
    /// Of the task that runs the other one on its thread.
    outer: Option<Box<Turn>>,
}

impl<'t> Taking<'t> {
    fn begin(own: &'t mut Option<Box<Turn>>) -> Self {
        let outer = TURN.replace(own.take());
        Self { own, outer }
    }
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        *self.own = TURN.replace(self.outer.take());
        if let Some(turn) = self.own {
            turn.tell();
        }
    }
}
