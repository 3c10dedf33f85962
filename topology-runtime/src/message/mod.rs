//! A payload and its trace.

mod headers;
mod trace_context;
mod trace_state;

use std::fmt;
use std::time::Duration;

use tracing::Span;

pub use self::headers::{ReadHeaders, WriteHeaders};
pub use self::trace_context::{InvalidTraceparent, SpanId, TraceContext, TraceFlags, TraceId};
pub use self::trace_state::{InvalidTraceState, TraceState};
use crate::telemetry::{Sampler, current};

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
    /// The context of the message's own span. Whether it is sampled is decided
    /// here for a trace that begins, and elsewhere for any other.
    pub(crate) fn begun<P: 'static>(&self, sampler: &Sampler, payload: &P) -> TraceContext {
        if !self.is_root {
            return self.context.child(SpanId::random());
        }
        let context = self.context.clone();
        if sampler.samples(context.trace_id(), payload) {
            context
        } else {
            context.with_sampled(false)
        }
    }

    /// A trace of its own, which begins with no message.
    pub(crate) fn root(sampler: &Sampler) -> Self {
        let context = TraceContext::root();
        let is_sampled = sampler.samples(context.trace_id(), &());
        Self {
            context: context.with_sampled(is_sampled),
            is_root: true,
            span: Span::none(),
        }
    }
}

impl<T> Message<T> {
    /// Begins a trace of its own. It is sampled unless the topology that takes
    /// the message [decides otherwise](crate::Handle::sample).
    pub fn root(payload: T) -> Self {
        Self::new(payload, TraceContext::root(), true, Span::none())
    }

    /// Continues the [current](TraceContext::current) trace, and hangs below the
    /// current [`tracing`] span. Where there is none, as outside a step, it
    /// begins a trace.
    pub fn in_current_span(payload: T) -> Self {
        let span = Span::current();
        match TraceContext::current() {
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

    /// Continues the trace that a request's headers name, or begins one if they
    /// name none, as [`from_traceparent`](Self::from_traceparent) does.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use topology_runtime::Message;
    ///
    /// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// let headers = HashMap::from([("traceparent".to_owned(), parent.to_owned())]);
    /// let message = Message::from_headers("payload", &headers);
    /// assert_eq!(message.context().traceparent(), parent);
    /// ```
    pub fn from_headers(payload: T, headers: &impl ReadHeaders) -> Self {
        match TraceContext::extract(headers) {
            Some(context) => Self::with_context(payload, context),
            None => Self::root(payload),
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

impl TraceContext {
    /// The context of what runs on this thread right now: of the current
    /// OpenTelemetry context with the feature `otel`, if there is one, else of
    /// the step. Where no spans are recorded, its span is that of the message.
    pub fn current() -> Option<Self> {
        #[cfg(feature = "otel")]
        if let Some(context) = crate::telemetry::otel::current() {
            return Some(context);
        }
        current::get()
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
