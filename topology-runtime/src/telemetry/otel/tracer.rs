//! Makes spans that carry the ids of messages.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::Context;
use opentelemetry::trace::{Span as _, SpanBuilder};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::begun::{Begun, span_kind};
use super::ids;
use super::span::Exported;

/// Whether spans may be exported at all.
static IS_ACTIVE: AtomicBool = AtomicBool::new(false);

pub(super) fn is_active() -> bool {
    IS_ACTIVE.load(Ordering::Relaxed)
}

/// Starts a span at once, so that its times are those of its work.
pub(crate) fn begin(span: &Span) {
    if is_active() && !span.is_disabled() {
        drop(span.context());
    }
}

/// The tracer behind [`Traces::layer`](super::Traces::layer).
#[derive(Debug, Clone)]
pub struct Tracer(SdkTracer);

impl Tracer {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        IS_ACTIVE.store(true, Ordering::Relaxed);
        Self(tracer)
    }
}

impl opentelemetry::trace::Tracer for Tracer {
    type Span = Exported;

    fn build_with_context(&self, mut builder: SpanBuilder, here: &Context) -> Exported {
        let Some(begun) = Begun::of(&builder) else {
            return Exported::foreign(self.0.build_with_context(builder, here));
        };
        let fields = builder.attributes.take().unwrap_or_default();
        let parent = begun.parent(here);
        builder.name = begun.name(&fields);
        builder.start_time = Some(begun.start(builder.start_time));
        builder.span_kind = Some(span_kind(&parent));
        let span = ids::decided(begun.trace_id, begun.span_id, || {
            self.0.build_with_context(builder, &parent)
        });
        let mut span = Exported::of_topology(span, begun.kind);
        span.set_attributes(fields);
        span
    }
}
