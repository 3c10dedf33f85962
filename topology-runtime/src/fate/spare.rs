//! Scopes whose messages are gone, for messages to come.
//!
//! A message's scope is made by the task that accepts it and let go by the one
//! where it ends. An allocator that has to bring memory from the one to the other
//! costs more than all else at the beginning and the end of a message.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Scope;
use crate::supervisor::{Core, turn};

/// What a topology keeps, as long as it runs: each of them keeps the topology.
#[derive(Default)]
pub(crate) struct Spares {
    kept: Mutex<Kept>,
    /// How many there are about.
    count: AtomicUsize,
}

#[derive(Default)]
struct Kept {
    scopes: Vec<Arc<Scope>>,
    is_over: bool,
}

/// What a task has in a turn.
#[derive(Default)]
pub(crate) struct Pocket(Vec<Arc<Scope>>);

/// How many a topology keeps.
const MOST: usize = 1024;
/// How many go to a task, or come from one, together.
const TOGETHER: usize = 16;

/// A scope of no message.
#[inline]
pub(super) fn take(core: &Arc<Core>) -> Arc<Scope> {
    let spare = match turn::current().get() {
        Some(turn) if turn.is_of(core) => turn.pocket.take(&core.spares),
        _ => core.spares.take(),
    };
    spare.unwrap_or_else(|| Arc::new(Scope::of(Arc::clone(core))))
}

/// The last branch has left the scope.
#[inline]
pub(super) fn give(scope: Arc<Scope>) {
    let mut turn = turn::current();
    if let Some(turn) = turn.get()
        && turn.is_of(&scope.journey().core)
        && scope.end_plainly(&mut turn.entries)
    {
        return turn.pocket.give(scope, &turn.core.spares);
    }
    drop(turn);
    give_with_care(scope);
}

/// Whoever waits for the message, or looks at it, is told, without a turn in hand.
#[inline(never)]
fn give_with_care(mut scope: Arc<Scope>) {
    if !scope.clear() {
        return;
    }
    let core = Arc::clone(&scope.journey().core);
    match turn::current().get() {
        Some(turn) if turn.is_of(&core) => turn.pocket.give(scope, &core.spares),
        _ => core.spares.give(scope),
    }
}

impl Pocket {
    #[inline]
    fn take(&mut self, spares: &Spares) -> Option<Arc<Scope>> {
        if self.0.is_empty() && spares.count.load(Ordering::Relaxed) > 0 {
            let mut kept = spares.kept();
            let rest = kept.scopes.len().saturating_sub(TOGETHER);
            self.0.extend(kept.scopes.drain(rest..));
            spares.count.store(rest, Ordering::Relaxed);
        }
        self.0.pop()
    }

    #[inline]
    fn give(&mut self, scope: Arc<Scope>, spares: &Spares) {
        self.0.push(scope);
        // One that takes as many as it gives keeps to itself.
        if self.0.len() >= 2 * TOGETHER {
            self.hand_over(spares);
        }
    }

    #[inline(never)]
    fn hand_over(&mut self, spares: &Spares) {
        spares.keep(|room| self.0.drain(..room.min(TOGETHER)));
        self.0.truncate(TOGETHER);
    }
}

impl Spares {
    fn take(&self) -> Option<Arc<Scope>> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut kept = self.kept();
        let scope = kept.scopes.pop();
        self.count.store(kept.scopes.len(), Ordering::Relaxed);
        scope
    }

    fn give(&self, scope: Arc<Scope>) {
        let mut scope = Some(scope);
        self.keep(|room| scope.take_if(|_| room > 0));
    }

    /// Keeps what there is room for.
    fn keep<I>(&self, those: impl FnOnce(usize) -> I)
    where
        I: IntoIterator<Item = Arc<Scope>>,
    {
        let mut kept = self.kept();
        let room = if kept.is_over {
            0
        } else {
            MOST.saturating_sub(kept.scopes.len())
        };
        kept.scopes.extend(those(room));
        self.count.store(kept.scopes.len(), Ordering::Relaxed);
    }

    /// The topology has ended: nothing is kept any more.
    pub(crate) fn end(&self) {
        let mut kept = self.kept();
        kept.is_over = true;
        let scopes = std::mem::take(&mut kept.scopes);
        self.count.store(0, Ordering::Relaxed);
        drop(kept);
        drop(scopes);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
