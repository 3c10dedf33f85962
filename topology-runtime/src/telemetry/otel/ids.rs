//! The ids and the sampling that messages have decided already.

use std::cell::Cell;

use opentelemetry::trace::{Link, SpanId, SpanKind, TraceContextExt as _, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{
    IdGenerator, RandomIdGenerator, Sampler, SamplingDecision, SamplingResult, ShouldSample,
};

thread_local! {
    /// The ids of the span that is being built on this thread.
    static DECIDED: Cell<Option<(TraceId, SpanId)>> = const { Cell::new(None) };
}

/// Builds a span that gets these ids and is recorded.
pub(super) fn decided<T>(trace_id: TraceId, span_id: SpanId, build: impl FnOnce() -> T) -> T {
    struct Undecided;
    impl Drop for Undecided {
        fn drop(&mut self) {
            DECIDED.set(None);
        }
    }
    DECIDED.set(Some((trace_id, span_id)));
    let _undecided = Undecided;
    build()
}

/// Random ids, but for spans whose ids a message carries.
#[derive(Debug, Default)]
pub(super) struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        DECIDED
            .get()
            .map_or_else(|| self.0.new_trace_id(), |(trace_id, _)| trace_id)
    }

    fn new_span_id(&self) -> SpanId {
        DECIDED
            .get()
            .map_or_else(|| self.0.new_span_id(), |(_, span_id)| span_id)
    }
}

/// Records the spans of messages, which exist only if the message is sampled,
/// and leaves all others to their parents.
#[derive(Debug, Clone)]
pub(super) struct Decided(Sampler);

impl Default for Decided {
    fn default() -> Self {
        Self(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
    }
}

impl ShouldSample for Decided {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        if DECIDED.get().is_none() {
            return self
                .0
                .should_sample(parent, trace_id, name, kind, attributes, links);
        }
        let state = parent.map(|parent| parent.span().span_context().trace_state().clone());
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: Vec::new(),
            trace_state: state.unwrap_or_default(),
        }
    }
}
