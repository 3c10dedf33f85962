//! Parts of a message that have ends of their own: the items of a scope, the
//! arms of a race.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::{Delivery, Scope};
use crate::step::Failure;

/// What waits for the ends of several members, and goes on then.
pub(crate) trait Nest: Send + Sync {
    /// The last branch of a member has ended.
    fn ended(&self, position: usize) -> Delivery;

    /// A branch of a member has failed, and nothing in the member took it.
    fn failed(&self, position: usize, failure: Failure) -> Delivery;

    /// All of it is cancelled, by what it is inside.
    fn cancel(&self);

    fn as_any(&self) -> &dyn Any;
}

/// Which member of which nest a scope is.
pub(crate) struct Member {
    pub(crate) nest: Arc<dyn Nest>,
    pub(crate) position: usize,
}

/// The scopes of a nest's members, to cancel them.
#[derive(Default)]
pub(crate) struct Members {
    scopes: Mutex<Vec<Weak<Scope>>>,
    is_cancelled: AtomicBool,
}

impl Members {
    pub(crate) fn add(&self, scope: &Arc<Scope>) {
        self.scopes().push(Arc::downgrade(scope));
        if self.is_cancelled() {
            scope.cancel();
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }

    /// Cancels one of them.
    pub(crate) fn cancel_one(&self, position: usize) {
        let scope = self.scopes().get(position).and_then(Weak::upgrade);
        if let Some(scope) = scope {
            scope.cancel();
        }
    }

    /// Reports a failure in one of them that changes nothing any more.
    pub(crate) fn fail_late(&self, position: usize, failure: &Failure) {
        let scope = self.scopes().get(position).and_then(Weak::upgrade);
        if let Some(scope) = scope {
            scope.journey().fail_late(&failure.to_string());
        }
    }

    /// Cancels all of them, and those that are added later.
    pub(crate) fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Release);
        let scopes: Vec<_> = self.scopes().iter().filter_map(Weak::upgrade).collect();
        for scope in scopes {
            scope.cancel();
        }
    }

    fn scopes(&self) -> MutexGuard<'_, Vec<Weak<Scope>>> {
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
