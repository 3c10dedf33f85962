//! The trace context of the step that runs on this thread right now.

use std::cell::{Cell, RefCell};

use crate::message::{SpanId, TraceContext, TraceFlags, TraceId, TraceState};

/// A trace context but for its vendor members, which few have.
#[derive(Clone, Copy)]
struct Position {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
    has_state: bool,
}

thread_local! {
    static POSITION: Cell<Option<Position>> = const { Cell::new(None) };
    static STATE: RefCell<TraceState> = const { RefCell::new(TraceState::EMPTY) };
}

/// The current context, if a step runs.
pub(crate) fn get() -> Option<TraceContext> {
    let position = POSITION.get()?;
    let state = if position.has_state {
        STATE.with_borrow(Clone::clone)
    } else {
        TraceState::EMPTY
    };
    let Position {
        trace_id,
        span_id,
        flags,
        ..
    } = position;
    Some(TraceContext::new(trace_id, span_id, flags, state))
}

/// Makes a context current, with that span, until the guard is dropped.
pub(crate) fn enter(context: &TraceContext, span_id: SpanId) -> Entered {
    let has_state = !context.state().is_empty();
    let state = has_state.then(|| STATE.replace(context.state().clone()));
    let position = POSITION.replace(Some(Position {
        trace_id: context.trace_id(),
        span_id,
        flags: context.flags(),
        has_state,
    }));
    Entered {
        position,
        state,
        #[cfg(feature = "otel")]
        _attached: super::otel::attach(context, span_id),
    }
}

/// Brings the previous context back.
pub(crate) struct Entered {
    position: Option<Position>,
    state: Option<TraceState>,
    #[cfg(feature = "otel")]
    _attached: super::otel::Attached,
}

impl Drop for Entered {
    fn drop(&mut self) {
        POSITION.set(self.position);
        if let Some(state) = self.state.take() {
            STATE.replace(state);
        }
    }
}
