//! A span on its way out, in the words of OpenTelemetry.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::trace::{Span, SpanContext, Status};
use opentelemetry::{KeyValue, Value, time};
use opentelemetry_sdk::trace::Span as SdkSpan;

use super::begun::Kind;

/// A span that is exported: a topology's, whose fields are translated, or
/// somebody else's, which stays as it is.
#[derive(Debug)]
pub struct Exported {
    span: SdkSpan,
    own: Option<Own>,
}

/// What is known of a topology's span.
#[derive(Debug)]
struct Own {
    kind: Kind,
    /// When its work was done: what hangs below it may keep it open for longer.
    ended: Option<SystemTime>,
    is_cancelled: bool,
}

impl Exported {
    pub(super) fn foreign(span: SdkSpan) -> Self {
        Self { span, own: None }
    }

    pub(super) fn of_topology(span: SdkSpan, kind: Kind) -> Self {
        let own = Own {
            kind,
            ended: None,
            is_cancelled: false,
        };
        Self {
            span,
            own: Some(own),
        }
    }

    fn fail(&mut self, message: Value) {
        self.span.set_status(Status::error(message.to_string()));
        let error = vec![KeyValue::new("exception.message", message)];
        let ended = self.own.as_ref().and_then(|own| own.ended);
        let at = ended.unwrap_or_else(time::now);
        self.span.add_event_with_timestamp("exception", at, error);
    }

    fn end_as(&mut self, outcome: Value) {
        if outcome.as_str() == "abandoned" {
            self.span.set_status(Status::error("abandoned"));
            self.name_attribute("error.type", "abandoned".into());
        }
        self.name_attribute("topology.outcome", outcome);
    }

    fn name_attribute(&mut self, name: &'static str, value: Value) {
        self.span.set_attribute(KeyValue::new(name, value));
    }
}

impl Span for Exported {
    fn set_attribute(&mut self, attribute: KeyValue) {
        let Some(own) = &mut self.own else {
            return self.span.set_attribute(attribute);
        };
        let KeyValue { key, value, .. } = attribute;
        match key.as_str() {
            "workflow" => self.name_attribute("topology.workflow", value),
            "step" => self.name_attribute("topology.step", value),
            "attempt" if own.kind == Kind::Step => {
                self.name_attribute("topology.attempts", value);
            }
            "attempt" => self.name_attribute("topology.attempt", value),
            "waited_us" => self.name_attribute("topology.waited_us", value),
            "size" => self.name_attribute("messaging.batch.message_count", value),
            "outcome" => {
                own.ended = Some(time::now());
                let is_cancelled = own.is_cancelled;
                self.end_as(if is_cancelled {
                    "cancelled".into()
                } else {
                    value
                });
            }
            "error.type" => {
                own.is_cancelled = value.as_str() == "cancelled";
                if !own.is_cancelled {
                    self.name_attribute("error.type", value);
                }
            }
            "error" if own.is_cancelled => {}
            "error" => self.fail(value),
            // What the span has said already, and where it is made, which says
            // nothing.
            "trace_id" | "span_id" | "parent_span_id" | "tracestate" | "began_unix_ns"
            | "target" | "level" => {}
            name if name.starts_with("code.") => {}
            _ => self.span.set_attribute(KeyValue::new(key, value)),
        }
    }

    fn add_event_with_timestamp<T>(&mut self, name: T, at: SystemTime, fields: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        let name = name.into();
        // The exception says it already.
        if self.own.is_some() && name == "message failed" {
            return;
        }
        self.span.add_event_with_timestamp(name, at, fields);
    }

    fn end_with_timestamp(&mut self, closed: SystemTime) {
        let ended = self.own.as_ref().and_then(|own| own.ended);
        self.span.end_with_timestamp(ended.unwrap_or(closed));
    }

    fn span_context(&self) -> &SpanContext {
        self.span.span_context()
    }

    fn is_recording(&self) -> bool {
        self.span.is_recording()
    }

    fn set_status(&mut self, status: Status) {
        self.span.set_status(status);
    }

    fn update_name<T>(&mut self, name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        self.span.update_name(name);
    }

    fn add_link(&mut self, other: SpanContext, attributes: Vec<KeyValue>) {
        self.span.add_link(other, attributes);
    }
}
