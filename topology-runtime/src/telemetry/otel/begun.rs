//! What the fields of a topology's span say of it when it begins.

use std::borrow::Cow;
use std::str::FromStr as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{
    SpanBuilder, SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags, TraceId,
    TraceState,
};
use opentelemetry::{Context, KeyValue, Value, time};

/// What a topology's span is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Message,
    Step,
    Attempt,
    Batch,
}

/// A span of a topology that is about to begin.
pub(super) struct Begun {
    pub(super) kind: Kind,
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
    parent: Option<SpanId>,
    state: TraceState,
    /// When the work began, if that was before it was known to be a message's.
    began: Option<SystemTime>,
}

impl Begun {
    /// `None` for a span of somebody else. The fields stay in the builder.
    pub(super) fn of(builder: &SpanBuilder) -> Option<Self> {
        let attributes = builder.attributes.as_deref()?;
        if text(attributes, "target") != Some("topology") {
            return None;
        }
        let kind = match &*builder.name {
            "message" => Kind::Message,
            "step" => Kind::Step,
            "attempt" => Kind::Attempt,
            "batch" => Kind::Batch,
            _ => return None,
        };
        let id = |name| text(attributes, name).and_then(|text| SpanId::from_hex(text).ok());
        let state = text(attributes, "tracestate");
        Some(Self {
            kind,
            trace_id: TraceId::from_hex(text(attributes, "trace_id")?).ok()?,
            span_id: id("span_id")?,
            parent: id("parent_span_id"),
            state: state
                .and_then(|state| TraceState::from_str(state).ok())
                .unwrap_or_default(),
            began: began(attributes),
        })
    }

    /// When the work began.
    pub(super) fn start(&self, known: Option<SystemTime>) -> SystemTime {
        self.began.or(known).unwrap_or_else(time::now)
    }

    /// Names the span as the topology does.
    pub(super) fn name(&self, attributes: &[KeyValue]) -> Cow<'static, str> {
        let named = |field| text(attributes, field).unwrap_or_default();
        match self.kind {
            Kind::Message => named("workflow").to_owned().into(),
            Kind::Step => named("step").to_owned().into(),
            Kind::Attempt => format!("{} attempt", named("step")).into(),
            Kind::Batch => format!("{} batch", named("step")).into(),
        }
    }

    /// The context of the span that this one is below; `here` if that is it.
    pub(super) fn parent(&self, here: &Context) -> Context {
        let Some(parent) = self.parent else {
            return here.with_remote_span_context(SpanContext::empty_context());
        };
        let span = here.span();
        let context = span.span_context();
        if context.trace_id() == self.trace_id && context.span_id() == parent {
            return here.clone();
        }
        here.with_remote_span_context(SpanContext::new(
            self.trace_id,
            parent,
            TraceFlags::SAMPLED,
            self.kind == Kind::Message,
            self.state.clone(),
        ))
    }
}

/// A message that continues a trace of elsewhere is consumed here.
pub(super) fn span_kind(parent: &Context) -> SpanKind {
    let span = parent.span();
    let context = span.span_context();
    if context.is_valid() && context.is_remote() {
        SpanKind::Consumer
    } else {
        SpanKind::Internal
    }
}

fn began(attributes: &[KeyValue]) -> Option<SystemTime> {
    let mut fields = attributes.iter();
    let began = fields.find(|field| field.key.as_str() == "began_unix_ns")?;
    match began.value {
        Value::I64(nanos) => UNIX_EPOCH.checked_add(Duration::from_nanos(nanos.try_into().ok()?)),
        _ => None,
    }
}

fn text<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|field| field.key.as_str() == name)?;
    match &found.value {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    }
}
