//! Branches that a panic dropped, kept until it is known what panicked.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Scope;

thread_local! {
    /// `None` where nobody catches.
    static UNWOUND: RefCell<Option<Vec<Arc<Scope>>>> = const { RefCell::new(None) };
}

/// Keeps the scope of a branch that is dropped by a panic. What comes back is
/// kept by nobody.
pub(super) fn keep(scope: Arc<Scope>) -> Option<Arc<Scope>> {
    UNWOUND.with_borrow_mut(|unwound| match unwound {
        Some(unwound) => {
            unwound.push(scope);
            None
        }
        None => Some(scope),
    })
}

/// Runs `work`; if it panics, says what it panicked with, and which branches it
/// held.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, (String, Vec<Arc<Scope>>)> {
    let before = UNWOUND.replace(Some(Vec::new()));
    let result = catch_unwind(AssertUnwindSafe(work));
    let unwound = UNWOUND.replace(before).unwrap_or_default();
    result.map_err(|panic| (panic_text(&*panic), unwound))
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
