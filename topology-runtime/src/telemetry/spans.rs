//! Spans and events: one span for each message, each step's work on it, and
//! each attempt of a step that may try again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracing::field::{Empty, display};
use tracing::level_filters::LevelFilter;
use tracing::{Level, Span, event, record_all, span};

use super::Links;
#[cfg(feature = "otel")]
use super::otel::begin;
use crate::edge::Stall;
use crate::fate::{Branch, Fate, Journey};
use crate::message::{Origin, SpanId, TraceContext};
use crate::step::{Failure, StepContext};

/// Whether anybody looks at spans.
#[inline]
pub(crate) fn does_somebody_listen() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}

/// The span of a whole message. Messages that are not sampled have none.
pub(crate) fn message(workflow: &str, origin: &Origin, context: &TraceContext) -> Span {
    let span = message_of(workflow, origin, context, None);
    begin(&span);
    span
}

/// The span of a message that a step has worked on before it was known to be one.
pub(crate) fn message_from_inside(workflow: &str, origin: &Origin, began: SystemTime) -> Span {
    let span = message_of(workflow, origin, &origin.context, Some(began));
    begin(&span);
    span
}

fn message_of(
    workflow: &str,
    origin: &Origin,
    context: &TraceContext,
    began: Option<SystemTime>,
) -> Span {
    if !context.is_sampled() {
        return Span::none();
    }
    let span = span!(
        target: "topology",
        parent: &origin.span,
        Level::INFO,
        "message",
        workflow,
        trace_id = %context.trace_id(),
        span_id = %context.span_id(),
        parent_span_id = Empty,
        tracestate = Empty,
        began_unix_ns = began.map(unix_nanos),
        outcome = Empty,
        error = Empty,
        error.type = Empty,
    );
    if !origin.is_root {
        span.record("parent_span_id", display(origin.context.span_id()));
    }
    carry_state(&span, context);
    span
}

/// Few messages have vendor members.
fn carry_state(span: &Span, context: &TraceContext) {
    if !context.state().is_empty() {
        span.record("tracestate", display(context.state()));
    }
}

/// The span of a step's work on a message.
pub(crate) fn step(
    branch: &Branch,
    step: &str,
    span_id: SpanId,
    waited: Option<u64>,
    links: &Links,
) -> Span {
    let waited = waited.map(|waited| count(waited / 1_000));
    let span = step_of(branch, step, span_id, waited, None);
    for link in links.iter() {
        span.follows_from(link);
    }
    begin(&span);
    span
}

/// The span of a step's work since then, that a message came of.
pub(crate) fn step_from_inside(
    branch: &Branch,
    step: &str,
    span_id: SpanId,
    began: SystemTime,
) -> Span {
    let span = step_of(branch, step, span_id, None, Some(began));
    begin(&span);
    span
}

fn step_of(
    branch: &Branch,
    step: &str,
    span_id: SpanId,
    waited: Option<i64>,
    began: Option<SystemTime>,
) -> Span {
    let journey = branch.journey();
    if !journey.context.is_sampled() {
        return Span::none();
    }
    let span = span!(
        target: "topology",
        parent: branch.span(),
        Level::INFO,
        "step",
        workflow = journey.core.name,
        step,
        trace_id = %journey.context.trace_id(),
        %span_id,
        parent_span_id = %branch.span_id,
        tracestate = Empty,
        attempt = Empty,
        waited_us = waited,
        began_unix_ns = began.map(unix_nanos),
        outcome = Empty,
        error = Empty,
        error.type = Empty,
    );
    carry_state(&span, &journey.context);
    span
}

/// The span of one attempt of a step that may try again.
pub(crate) fn attempt(step: &Span, context: &StepContext, step_id: SpanId) -> Span {
    if step.is_disabled() {
        return Span::none();
    }
    let span = span!(
        target: "topology",
        parent: step,
        Level::INFO,
        "attempt",
        step = context.step(),
        trace_id = %context.trace().trace_id(),
        span_id = %context.trace().span_id(),
        parent_span_id = %step_id,
        tracestate = Empty,
        attempt = count(context.attempt()),
        outcome = Empty,
        error = Empty,
        error.type = Empty,
    );
    carry_state(&span, context.trace());
    begin(&span);
    span
}

/// The span of an attempt at a batch: the root of a trace of its own, because
/// it has as many parents as messages.
pub(crate) fn batch<'a>(
    context: &StepContext,
    size: usize,
    members: impl Iterator<Item = &'a Span>,
) -> Span {
    if !context.trace().is_sampled() {
        return Span::none();
    }
    let span = span!(
        target: "topology",
        parent: None,
        Level::INFO,
        "batch",
        step = context.step(),
        size = count(size),
        trace_id = %context.trace().trace_id(),
        span_id = %context.trace().span_id(),
        attempt = count(context.attempt()),
        outcome = Empty,
        error = Empty,
        error.type = Empty,
    );
    for member in members {
        span.follows_from(member);
    }
    begin(&span);
    span
}

/// An attempt has ended: well, unless it says of what kind its failure is, and
/// its text.
pub(crate) fn attempt_over(span: Option<&Span>, failed: Option<(&str, &str)>) {
    let Some(span) = span else {
        return;
    };
    let Some((kind, error)) = failed else {
        span.record("outcome", "ok");
        return;
    };
    span.record("error.type", kind);
    span.record("error", error);
    span.record("outcome", "failed");
}

pub(crate) fn step_done(span: &Span, attempts: usize) {
    record_all!(span, attempt = count(attempts), outcome = "ok");
}

pub(crate) fn step_cancelled(span: &Span, attempts: usize) {
    record_all!(span, attempt = count(attempts), outcome = "cancelled");
}

pub(crate) fn step_failed(span: &Span, failure: &Failure) {
    span.record("attempt", count(failure.attempts()));
    span.record("error.type", failure.kind().name());
    span.record("error", display(failure));
    span.record("outcome", "failed");
}

/// Messages have waited on an edge for half of its timeout, or for room there.
pub(crate) fn edge_stalls(workflow: &str, stall: &Stall<'_>) {
    let spec = stall.lane.spec;
    event!(
        target: "topology",
        Level::WARN,
        workflow,
        edge = format!("{} -> {}", spec.from, spec.to),
        producer = spec.from,
        consumer = spec.to,
        fill = count(stall.lane.fill()),
        capacity = count(spec.capacity),
        oldest_us = count(stall.oldest / 1_000),
        full_us = count(stall.full / 1_000),
        timeout = ?spec.timeout,
        message_type = stall.message,
        "an edge stalls: beyond half of its timeout its messages wait, or it is full",
    );
}

/// A step kept its thread from everybody else for so long, in nanoseconds.
pub(crate) fn thread_held(workflow: &str, step: &str, held: u64) {
    event!(
        target: "topology",
        Level::WARN,
        workflow,
        step,
        held_us = count(held / 1_000),
        "a step held its thread for longer than a millisecond, and nothing else ran there: \
         what takes long is `blocking`, or in a thread boundary",
    );
}

/// A message that failed on the edge to a step has no span there: the event
/// hangs below the step it came from.
pub(crate) fn edge_failure(branch: &Branch, failure: &Failure) {
    let journey = branch.journey();
    if branch.span().is_disabled() {
        return;
    }
    event!(
        target: "topology",
        parent: branch.span(),
        Level::WARN,
        workflow = journey.core.name,
        step = failure.step(),
        trace_id = %journey.context.trace_id(),
        error.type = failure.kind().name(),
        error = %failure,
        "a message was not taken from its edge",
    );
}

/// The message has its fate.
pub(crate) fn settled(journey: &Journey, fate: Fate) {
    journey.span.record("outcome", fate.name());
}

/// Also of a message that is not sampled: a failure always leaves a trace.
pub(crate) fn message_failed(journey: &Journey, kind: &str, error: &str) {
    journey.span.record("error.type", kind);
    journey.span.record("error", error);
    event!(
        target: "topology",
        parent: &journey.span,
        Level::ERROR,
        workflow = journey.core.name,
        trace_id = %journey.context.trace_id(),
        error.type = kind,
        error,
        "message failed",
    );
}

/// Something failed behind the answer.
pub(crate) fn late_failure(journey: &Journey, error: &str) {
    event!(
        target: "topology",
        parent: &journey.span,
        Level::WARN,
        workflow = journey.core.name,
        trace_id = %journey.context.trace_id(),
        error,
        "a branch failed after its message was answered",
    );
}

/// The topology stops.
pub(crate) fn aborted(workflow: &str, failure: &Failure) {
    event!(
        target: "topology",
        Level::ERROR,
        workflow,
        error = %failure,
        "topology aborted",
    );
}

/// The stream of a source panicked, and is made anew after the pause.
pub(crate) fn source_panicked(workflow: &str, source: &str, error: &str, pause: Duration) {
    event!(
        target: "topology",
        Level::ERROR,
        workflow,
        step = source,
        error,
        ?pause,
        "the stream of a source panicked and is made anew",
    );
}

/// A task panicked outside its step, and is started again.
pub(crate) fn task_restarted(workflow: &str, error: &tokio::task::JoinError) {
    event!(
        target: "topology",
        Level::ERROR,
        workflow,
        %error,
        "a task panicked outside its step and was started again",
    );
}

/// A thread of a boundary runs wherever it may.
pub(crate) fn not_pinned(boundary: &str, core: usize, why: &str) {
    event!(
        target: "topology",
        Level::WARN,
        boundary,
        core,
        why,
        "a thread is not kept to its core, and runs wherever it may",
    );
}

/// A process of a boundary ended by itself.
#[cfg(feature = "process")]
pub(crate) fn process_ended(workflow: &str, boundary: &str, how: &str) {
    event!(
        target: "topology",
        Level::WARN,
        workflow,
        boundary,
        how,
        "a process ended",
    );
}

/// What ended inside a boundary ended more often than it may, which is an end of
/// that.
#[cfg(feature = "process")]
pub(crate) fn escalated(workflow: &str, boundary: &str, inside: &str) {
    event!(
        target: "topology",
        Level::WARN,
        workflow,
        boundary,
        inside,
        "what is inside ended more often than it may, and the whole boundary is restarted",
    );
}

/// What is counted is an `i64` for OpenTelemetry.
fn count(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// Nanoseconds since 1970, as spans of OpenTelemetry have them.
fn unix_nanos(time: SystemTime) -> i64 {
    count(
        time.duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos(),
    )
}

#[cfg(not(feature = "otel"))]
fn begin(_: &Span) {}
