//! Received spans, as a test looks at them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::Event;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use topology_runtime::SpanId;

/// The only span of that name.
#[track_caller]
pub(crate) fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut named = spans.iter().filter(|span| span.name == name);
    let span = named.next().unwrap_or_else(|| panic!("no span {name}"));
    assert!(named.next().is_none(), "two spans {name}");
    span
}

pub(crate) fn attribute<'a>(span: &'a Span, name: &str) -> Option<&'a Value> {
    let found = span.attributes.iter().find(|field| field.key == name)?;
    found.value.as_ref()?.value.as_ref()
}

#[track_caller]
pub(crate) fn text<'a>(span: &'a Span, name: &str) -> &'a str {
    match attribute(span, name) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{name} of {} is {other:?}", span.name),
    }
}

#[track_caller]
pub(crate) fn number(span: &Span, name: &str) -> i64 {
    match attribute(span, name) {
        Some(Value::IntValue(number)) => *number,
        other => panic!("{name} of {} is {other:?}", span.name),
    }
}

pub(crate) fn id(span: &Span) -> SpanId {
    let bytes = span.span_id.clone().try_into().expect("eight bytes");
    SpanId::from_bytes(bytes).expect("an id")
}

/// The description of its error.
pub(crate) fn error(span: &Span) -> Option<&str> {
    let status = span.status.as_ref()?;
    (status.code() == StatusCode::Error).then_some(status.message.as_str())
}

/// The messages of its exceptions.
pub(crate) fn exceptions(span: &Span) -> Vec<&str> {
    let exceptions = span.events.iter().filter(|event| event.name == "exception");
    exceptions.map(exception).collect()
}

fn exception(event: &Event) -> &str {
    let mut fields = event.attributes.iter();
    let message = fields.find(|field| field.key == "exception.message");
    match message.and_then(|field| field.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        other => panic!("an exception with {other:?}"),
    }
}

/// Trees of spans by their ids, one line each, in the order of their start.
pub(crate) fn draw(spans: &[Span]) -> String {
    let ids: BTreeSet<_> = spans.iter().map(|span| &span.span_id).collect();
    assert_eq!(ids.len(), spans.len(), "an id is there twice");
    let mut text = String::new();
    for root in spans
        .iter()
        .filter(|span| !ids.contains(&span.parent_span_id))
    {
        draw_below(spans, root, 0, &mut text);
    }
    text
}

fn draw_below(spans: &[Span], span: &Span, depth: usize, text: &mut String) {
    let outcome = attribute(span, "topology.outcome").map(|_| self::text(span, "topology.outcome"));
    let line = [&*span.name, outcome.unwrap_or_default()].join(" ");
    let _ = writeln!(text, "{}{}", "  ".repeat(depth), line.trim_end());
    for child in spans
        .iter()
        .filter(|child| child.parent_span_id == span.span_id)
    {
        draw_below(spans, child, depth + 1, text);
    }
}

/// Without the margin of the test.
pub(crate) fn lines(text: &str) -> String {
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let margin = lines[0].len() - lines[0].trim_start().len();
    let lines = lines.iter().map(|line| &line[margin..]);
    lines.flat_map(|line| [line, "\n"]).collect()
}
