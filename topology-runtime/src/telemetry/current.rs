//! The trace context of the step that runs on this thread right now.

use std::cell::RefCell;

use crate::message::TraceContext;

thread_local! {
    static CURRENT: RefCell<Option<TraceContext>> = const { RefCell::new(None) };
}

/// The current context, if a step runs.
pub(crate) fn get() -> Option<TraceContext> {
    CURRENT.with_borrow(Clone::clone)
}

/// Makes a context current until the guard is dropped.
pub(crate) fn enter(context: &TraceContext) -> Entered {
    let context = Some(context.clone());
    Entered(CURRENT.with_borrow_mut(|current| std::mem::replace(current, context)))
}

/// Brings the previous context back.
pub(crate) struct Entered(Option<TraceContext>);

impl Drop for Entered {
    fn drop(&mut self) {
        let previous = self.0.take();
        CURRENT.with_borrow_mut(|current| *current = previous);
    }
}
