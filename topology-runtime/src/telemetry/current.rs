//! The trace context of the step that runs on this thread right now.

use std::cell::{Cell, RefCell};

use crate::message::{SpanId, TraceContext, TraceFlags, TraceId, TraceState};

/// A trace context but for its vendor members, which few have.
#[derive(Clone, Copy)]
struct Position {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
}

thread_local! {
    /// Beside the position, and not an option of it: it changes with each step,
    /// and is looked at by few.
    static IS_SET: Cell<bool> = const { Cell::new(false) };
    static POSITION: Cell<Position> = const { Cell::new(Position::NOWHERE) };
    /// The vendor members, if there are any.
    static STATE: RefCell<TraceState> = const { RefCell::new(TraceState::EMPTY) };
    static HAS_STATE: Cell<bool> = const { Cell::new(false) };
}

impl Position {
    const NOWHERE: Self = Self {
        trace_id: TraceId::LEAST,
        span_id: SpanId::LEAST,
        flags: TraceFlags::from_bits(0),
    };
}

/// The current context, if a step runs.
pub(crate) fn get() -> Option<TraceContext> {
    if !IS_SET.get() {
        return None;
    }
    let Position {
        trace_id,
        span_id,
        flags,
    } = POSITION.get();
    let state = if HAS_STATE.get() {
        STATE.with_borrow(Clone::clone)
    } else {
        TraceState::EMPTY
    };
    Some(TraceContext::new(trace_id, span_id, flags, state))
}

/// Makes a context current, with that span, until the guard is dropped.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
pub(crate) fn enter(context: &TraceContext, span_id: SpanId) -> Entered {
    let was_set = IS_SET.with(|is_set| is_set.replace(true));
    let outer = was_set.then(outer).map(Box::new);
    let position = Position {
        trace_id: context.trace_id(),
        span_id,
        flags: context.flags(),
    };
    POSITION.with(|current| current.set(position));
    if !context.state().is_empty() {
        set_state(context.state().clone());
    }
    Entered {
        outer,
        #[cfg(feature = "otel")]
        _attached: super::otel::attach(context, span_id),
    }
}

/// What is current while a step that runs has another one run on its thread.
#[cold]
fn outer() -> (Position, TraceState) {
    let state = STATE.take();
    HAS_STATE.set(false);
    (POSITION.get(), state)
}

#[cold]
fn set_state(state: TraceState) {
    HAS_STATE.set(!state.is_empty());
    STATE.replace(state);
}

/// Brings the previous context back.
pub(crate) struct Entered {
    outer: Option<Box<(Position, TraceState)>>,
    #[cfg(feature = "otel")]
    _attached: super::otel::Attached,
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        if HAS_STATE.get() {
            set_state(TraceState::EMPTY);
        }
        match self.outer.take() {
            None => IS_SET.with(|is_set| is_set.set(false)),
            Some(outer) => {
                let (position, state) = *outer;
                POSITION.set(position);
                set_state(state);
            }
        }
    }
}
