//! A payload and its trace.

mod trace_context;
mod trace_state;

use std::fmt;
use std::time::Duration;

use tracing::Span;

pub use self::trace_context::{InvalidTraceparent, SpanId, TraceContext, TraceFlags, TraceId};
pub use self::trace_state::{InvalidTraceState, TraceState};
use crate::telemetry::current;

/// A payload and the trace it belongs to.
///
/// There is no way to make one without deciding its trace: [`root`](Self::root)
/// begins one, the others continue one.
#[derive(Clone)]
pub struct Message<T> {
    pub(crate) payload: T,
    pub(crate) origin: Origin,
    pub(crate) within: Option<Duration>,
}

/// Where a message's trace comes from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The context of the span that the message comes from; of the message
    /// itself if it is a root.
    pub(crate) context: TraceContext,
    pub(crate) is_root: bool,
    /// The span of this process that the message comes from.
    pub(crate) span: Span,
}

impl Origin {
    /// The context of the message's own span.
    pub(crate) fn begun(&self) -> TraceContext {
        if self.is_root {
            self.context.clone()
        } else {
            self.context.child(SpanId::random())
        }
    }

    /// A trace of its own, sampled.
    pub(crate) fn root() -> Self {
        Self {
            context: TraceContext::root(),
            is_root: true,
            span: Span::none(),
        }
    }
}

impl<T> Message<T> {
    /// Begins a trace of its own, sampled.
    pub fn root(payload: T) -> Self {
        Self::new(payload, TraceContext::root(), true, Span::none())
    }

    /// Continues the trace of the step that runs right now, and hangs below the
    /// current [`tracing`] span. Outside a step it begins a trace.
    pub fn in_current_span(payload: T) -> Self {
        let span = Span::current();
        match current::get() {
            Some(context) => Self::new(payload, context, false, span),
            None => Self::new(payload, TraceContext::root(), true, span),
        }
    }

    /// Continues the trace of `context`, as a child of the span it names.
    pub fn with_context(payload: T, context: TraceContext) -> Self {
        Self::new(payload, context, false, Span::none())
    }

    /// Continues the trace that a request's headers name.
    ///
    /// As the [W3C recommendation] says of a `traceparent` that is missing or
    /// cannot be read, the trace then begins anew and `tracestate` is dropped.
    /// Use [`TraceContext::parse`] where the error matters.
    ///
    /// [W3C recommendation]: https://www.w3.org/TR/trace-context/#a-traceparent-is-not-received
    pub fn from_traceparent(payload: T, traceparent: &str, tracestate: Option<&str>) -> Self {
        match TraceContext::parse(traceparent, tracestate) {
            Ok(context) => Self::with_context(payload, context),
            Err(_) => Self::root(payload),
        }
    }

    fn new(payload: T, context: TraceContext, is_root: bool, span: Span) -> Self {
        Self {
            payload,
            origin: Origin {
                context,
                is_root,
                span,
            },
            within: None,
        }
    }

    /// Gives the message a deadline, counted from the moment it is offered to a
    /// topology: it fails when that has passed, wherever it is. Of several
    /// deadlines the earliest holds.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.within = Some(self.within.map_or(time, |earlier| earlier.min(time)));
        self
    }

    /// The payload.
    pub fn payload(&self) -> &T {
        &self.payload
    }

    /// The payload, by value.
    pub fn into_payload(self) -> T {
        self.payload
    }

    /// The trace context of what the message comes from: for a root, of the
    /// message itself.
    pub fn context(&self) -> &TraceContext {
        &self.origin.context
    }
}

impl<T> fmt::Debug for Message<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("context", &self.origin.context)
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}
