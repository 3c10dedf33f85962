//! The OpenTelemetry context of the step that runs on this thread.

use std::str::FromStr as _;

use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use opentelemetry::{Context, ContextGuard, trace};

use super::tracer::is_active;
use crate::message::{SpanId, TraceContext, TraceFlags, TraceId, TraceState};

/// Brings the previous context back.
pub(crate) struct Attached(#[expect(dead_code, reason = "it is held")] Option<ContextGuard>);

/// Makes a context the current one of OpenTelemetry, unless its span is that
/// already: of a message that is not sampled there is no span to be.
pub(crate) fn attach(context: &TraceContext, span_id: SpanId) -> Attached {
    if !is_active() {
        return Attached(None);
    }
    let span_id = trace::SpanId::from_bytes(span_id.to_bytes());
    let attached = Context::map_current(|here| {
        let is_current = here.span().span_context().span_id() == span_id;
        (!is_current).then(|| here.with_remote_span_context(span_context(context, span_id)))
    });
    Attached(attached.map(Context::attach))
}

fn span_context(context: &TraceContext, span_id: trace::SpanId) -> SpanContext {
    let state = if context.state().is_empty() {
        trace::TraceState::default()
    } else {
        trace::TraceState::from_str(&context.state().to_string()).unwrap_or_default()
    };
    SpanContext::new(
        trace::TraceId::from_bytes(context.trace_id().to_bytes()),
        span_id,
        trace::TraceFlags::new(context.flags().bits()),
        false,
        state,
    )
}

/// The current context of OpenTelemetry, if there is one.
pub(crate) fn current() -> Option<TraceContext> {
    Context::map_current(|here| {
        let span = here.span();
        let context = span.span_context();
        Some(TraceContext::new(
            TraceId::from_bytes(context.trace_id().to_bytes())?,
            SpanId::from_bytes(context.span_id().to_bytes())?,
            TraceFlags::from_bits(context.trace_flags().to_u8()),
            TraceState::parse(&context.trace_state().header()).unwrap_or_default(),
        ))
    })
}
