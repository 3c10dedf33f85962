//! Spans and events: one span for each message, each step's work on it, and
//! each attempt of a step that may try again.

use std::time::Duration;

use tracing::field::Empty;
use tracing::{Level, Span, event, span};

use super::Links;
use crate::fate::{Branch, Fate, Journey};
use crate::message::{Origin, SpanId, TraceContext};
use crate::step::{Failure, StepContext};

/// The span of a whole message. Messages that are not sampled have none.
pub(crate) fn message(workflow: &str, origin: &Origin, context: &TraceContext) -> Span {
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
        outcome = Empty,
        error = Empty,
    );
    if !origin.is_root {
        span.record(
            "parent_span_id",
            tracing::field::display(origin.context.span_id()),
        );
    }
    span
}

/// The span of a step's work on a message.
pub(crate) fn step(
    branch: &Branch,
    step: &str,
    span_id: SpanId,
    waited: Option<u64>,
    links: &Links,
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
        attempt = Empty,
        waited_us = Empty,
        outcome = Empty,
        error = Empty,
    );
    if let Some(waited) = waited {
        span.record("waited_us", waited / 1_000);
    }
    for link in links.iter() {
        span.follows_from(link);
    }
    span
}

/// The span of one attempt of a step that may try again.
pub(crate) fn attempt(step: &Span, context: &StepContext, step_id: SpanId) -> Span {
    if step.is_disabled() {
        return Span::none();
    }
    span!(
        target: "topology",
        parent: step,
        Level::INFO,
        "attempt",
        step = context.step(),
        trace_id = %context.trace().trace_id(),
        span_id = %context.trace().span_id(),
        parent_span_id = %step_id,
        attempt = context.attempt(),
        outcome = Empty,
        error = Empty,
    )
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
        size,
        trace_id = %context.trace().trace_id(),
        span_id = %context.trace().span_id(),
        attempt = context.attempt(),
        outcome = Empty,
        error = Empty,
    );
    for member in members {
        span.follows_from(member);
    }
    span
}

/// An attempt has ended: well, unless it says why not.
pub(crate) fn attempt_over(span: Option<&Span>, error: Option<&str>) {
    let Some(span) = span else {
        return;
    };
    match error {
        None => span.record("outcome", "ok"),
        Some(error) => span.record("outcome", "failed").record("error", error),
    };
}

pub(crate) fn step_done(span: &Span, attempts: usize) {
    span.record("attempt", attempts);
    span.record("outcome", "ok");
}

pub(crate) fn step_cancelled(span: &Span, attempts: usize) {
    span.record("attempt", attempts);
    span.record("outcome", "cancelled");
}

pub(crate) fn step_failed(span: &Span, failure: &Failure) {
    span.record("attempt", failure.attempts());
    span.record("outcome", "failed");
    span.record("error", tracing::field::display(failure));
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
        error = %failure,
        "a message was not taken from its edge",
    );
}

/// The message has its fate.
pub(crate) fn settled(journey: &Journey, fate: Fate) {
    journey.span.record("outcome", fate.name());
}

/// Also of a message that is not sampled: a failure always leaves a trace.
pub(crate) fn message_failed(journey: &Journey, error: &str) {
    journey.span.record("error", error);
    event!(
        target: "topology",
        parent: &journey.span,
        Level::ERROR,
        workflow = journey.core.name,
        trace_id = %journey.context.trace_id(),
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
