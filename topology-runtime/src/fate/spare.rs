//! Scopes whose messages are gone, for messages to come.
//!
//! A message's scope is made by the task that accepts it and let go by the one
//! where it ends. An allocator that has to bring memory from the one to the other
//! costs more than all else at the beginning and the end of a message.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Scope;
use crate::supervisor::turn;

/// What a topology keeps.
#[derive(Default)]
pub(crate) struct Spares {
    scopes: Mutex<Vec<Arc<Scope>>>,
    /// How many there are about.
    count: AtomicUsize,
}

/// What a task has in a turn.
#[derive(Default)]
pub(crate) struct Pocket(Vec<Arc<Scope>>);

/// How many a topology keeps.
const MOST: usize = 256;
/// How many go to a task, or come from one, together.
const TOGETHER: usize = 16;

/// A scope of no message.
#[inline]
pub(super) fn take() -> Arc<Scope> {
    let spare = match turn::current().get() {
        Some(turn) => turn.pocket.take(&turn.core.spares),
        None => None,
    };
    spare.unwrap_or_else(|| Arc::new(Scope::empty()))
}

/// The last branch has left the scope.
pub(super) fn give(mut scope: Arc<Scope>) {
    if scope.clear()
        && let Some(turn) = turn::current().get()
    {
        turn.pocket.give(scope, &turn.core.spares);
    }
}

impl Pocket {
    #[inline]
    fn take(&mut self, spares: &Spares) -> Option<Arc<Scope>> {
        if self.0.is_empty() && spares.count.load(Ordering::Relaxed) > 0 {
            let mut scopes = spares.scopes();
            let rest = scopes.len().saturating_sub(TOGETHER);
            self.0.extend(scopes.drain(rest..));
            spares.count.store(rest, Ordering::Relaxed);
        }
        self.0.pop()
    }

    fn give(&mut self, scope: Arc<Scope>, spares: &Spares) {
        self.0.push(scope);
        if self.0.len() >= TOGETHER {
            let mut scopes = spares.scopes();
            let room = MOST.saturating_sub(scopes.len()).min(self.0.len());
            scopes.extend(self.0.drain(..room));
            spares.count.store(scopes.len(), Ordering::Relaxed);
            drop(scopes);
            self.0.truncate(TOGETHER / 2);
        }
    }
}

impl Spares {
    fn scopes(&self) -> MutexGuard<'_, Vec<Arc<Scope>>> {
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
