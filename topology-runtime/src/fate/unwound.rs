//! Branches that a panic dropped, kept until it is known what panicked.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Scope;
use crate::step::{Failure, FailureKind};

thread_local! {
    /// How many catches are around what runs.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// What was dropped, by the depth of who catches it.
    static UNWOUND: RefCell<Vec<(usize, Arc<Scope>)>> = const { RefCell::new(Vec::new()) };
}

/// Keeps the scope of a branch that is dropped by a panic. What comes back is
/// kept by nobody.
pub(super) fn keep(scope: Arc<Scope>) -> Option<Arc<Scope>> {
    let depth = DEPTH.get();
    if depth == 0 {
        return Some(scope);
    }
    UNWOUND.with_borrow_mut(|unwound| unwound.push((depth, scope)));
    None
}

/// Runs `work`; if it panics, says what it panicked with, and which branches it
/// held.
#[inline]
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, (String, Vec<Arc<Scope>>)> {
    // Not by `Cell`'s shorter methods of the key: they cost more.
    let set_depth = |depth| DEPTH.with(|current| current.set(depth));
    let depth = DEPTH.get() + 1;
    set_depth(depth);
    let result = catch_unwind(AssertUnwindSafe(work));
    set_depth(depth - 1);
    result.map_err(|panic| caught(&*panic, depth))
}

/// Drops what may panic then: the messages that it held fail.
pub(crate) fn drop_with_care<T>(value: T) {
    if let Err((_, scopes)) = catch(|| drop(value)) {
        for scope in scopes {
            fail_dropped(&scope);
        }
    }
}

/// A message fails of which a value panicked while it was dropped. Whoever looks at that
/// may break, too, and this may be a part of the unwinding.
pub(super) fn fail_dropped(scope: &Scope) {
    let kind = FailureKind::Panic("a value panicked while it was dropped".into());
    let failure = Failure::new(kind, scope.journey().core.name, "", 0);
    let _ = catch(|| scope.fail_message(failure));
}

/// The same as a part of what is caught around it: what it held is known as long as
/// that does not panic itself.
#[inline]
pub(crate) fn catch_within<T>(work: impl FnOnce() -> T) -> Result<T, (String, Vec<Arc<Scope>>)> {
    let result = catch_unwind(AssertUnwindSafe(work));
    result.map_err(|panic| caught(&*panic, DEPTH.get()))
}

#[cold]
fn caught(panic: &(dyn Any + Send), depth: usize) -> (String, Vec<Arc<Scope>>) {
    let unwound = UNWOUND.with_borrow_mut(|unwound| {
        let own = unwound.iter().position(|(kept, _)| *kept >= depth);
        unwound.split_off(own.unwrap_or(unwound.len()))
    });
    let scopes = unwound.into_iter().map(|(_, scope)| scope);
    (panic_text(panic), scopes.collect())
}

/// What a panic was called with, if that is text.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "a value that is no text".to_owned()
    }
}
