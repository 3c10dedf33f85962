//! What steps do inside goes on by itself: spans of their own, and clients that
//! know of OpenTelemetry only.

use std::collections::HashMap;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use topology_runtime::{
    Message, Sampling, State, StepContext, TraceContext, topology, workflow_step,
};
use tracing::{Instrument as _, Span, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::looked_at::{draw, id, lines, named, number};
use crate::notes::Notes;
use crate::receiver::{collect, received, received_named};
use crate::trip::read;

type Headers = HashMap<String, String>;

/// What a client sends that reads the current OpenTelemetry context.
fn sent_by_context() -> Headers {
    let mut headers = Headers::new();
    TraceContextPropagator::new().inject_context(&Context::current(), &mut headers);
    headers
}

/// What a client sends that reads the current span of `tracing`.
fn sent_by_span() -> Headers {
    let mut headers = Headers::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut headers);
    headers
}

#[derive(State)]
struct App {
    sent: Notes<(&'static str, Headers)>,
}

type Sent = Notes<(&'static str, Headers)>;

#[workflow_step(timeout = 10s, idempotent, retry(attempts = 2, backoff = 1ms..2ms))]
async fn ask(number: u32, context: &StepContext, sent: &Sent) -> Result<u32, String> {
    sent.add(("by context", sent_by_context()));
    sent.add(("by span", sent_by_span()));
    let mut headers = Headers::new();
    context.trace().inject(&mut headers);
    sent.add(("by topology", headers));
    tokio::task::yield_now().await;
    sent.add(("by context", sent_by_context()));
    async {
        tokio::task::yield_now().await;
        info!("asked");
        sent.add(("inside", sent_by_context()));
        sent.add(("inside", sent_by_span()));
    }
    .instrument(info_span!("own client", number = i64::from(number)))
    .await;
    Ok(number)
}

#[workflow_step]
fn note(number: u32, sent: &Sent) -> u32 {
    let span = info_span!("own note");
    let _entered = span.enter();
    sent.add(("inline", sent_by_context()));
    number
}

#[workflow_step(blocking, timeout = 10s)]
fn grind(number: u32, sent: &Sent) -> u32 {
    sent.add(("on a thread", sent_by_context()));
    let _span = info_span!("own grinding").entered();
    number
}

topology! {
    Asking<u32 -> u32> [state = App];
    in -> ask >> note -> grind -> out [capacity = 4, timeout = 60s];
    else fail;
}

#[tokio::test]
async fn own_spans_and_clients_continue_the_trace() {
    collect();
    let sent = Notes::default();
    let asking = Asking::start(App { sent: sent.clone() });
    let message = Message::root(1);
    let trace_id = message.context().trace_id();
    asking.call(message).await.unwrap();
    asking.drain(Duration::MAX).await;
    let spans = received(trace_id).await;
    assert_eq!(
        draw(&spans),
        lines(
            "
            Asking completed
              ask ok
                ask attempt ok
                  own client
                note ok
                  own note
                  grind ok
                    own grinding
            "
        )
    );
    let events = &named(&spans, "own client").events;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].name, "asked");
    let sent = sent.all();
    assert_eq!(sent.len(), 8);
    for (by, headers) in sent {
        let span = match by {
            "inside" => "own client",
            "inline" => "own note",
            "on a thread" => "grind",
            _ => "ask attempt",
        };
        let context = read(&headers);
        assert_eq!(context.trace_id(), trace_id, "{by}");
        assert_eq!(context.span_id(), id(named(&spans, span)), "{by}");
        assert!(context.is_sampled(), "{by}");
    }
}

#[tokio::test]
async fn of_an_unsampled_message_clients_continue_the_trace_and_nothing_is_exported() {
    collect();
    let elsewhere = TraceContext::root().with_sampled(false);
    for message in [
        Message::from_traceparent(7, &elsewhere.traceparent(), Some("a=1")),
        Message::root(7),
    ] {
        let is_from_elsewhere = message.context().trace_id() == elsewhere.trace_id();
        let trace_id = message.context().trace_id();
        let sent = Notes::default();
        let asking = Asking::start(App { sent: sent.clone() });
        asking.sample(Sampling::none());
        asking.call(message).await.unwrap();
        asking.drain(Duration::MAX).await;
        assert_eq!(received(trace_id).await.len(), 0);
        let sent = sent.all();
        assert_eq!(sent.len(), 8);
        for (by, headers) in sent {
            // Of a span of tracing there is only the step's own.
            if by == "by span" {
                assert!(headers.is_empty());
                continue;
            }
            let context = read(&headers);
            assert_eq!(context.trace_id(), trace_id, "{by}");
            assert!(!context.is_sampled(), "{by}");
            assert_eq!(context.state().is_empty(), !is_from_elsewhere, "{by}");
        }
    }
    // Nor did its spans begin traces of their own.
    let own = received_named("own client");
    assert!(own.iter().all(|span| number(span, "number") == 1));
}

#[workflow_step(timeout = 10s)]
async fn inner(number: u32) -> u32 {
    let _span = info_span!("own inner").entered();
    number
}

topology! {
    Inside<u32 -> u32>;
    in -> inner -> out [capacity = 4, timeout = 60s];
    else fail;
}

topology! {
    Outside<u32 -> u32>;
    in -> Inside -> out [capacity = 4, timeout = 90s];
    else fail;
}

/// A handler of a server that continues a trace as its framework does.
#[tokio::test]
async fn a_handler_and_a_topology_inside_are_one_trace() {
    collect();
    let outside = Outside::start();
    let remote = TraceContext::root();
    let mut headers = Headers::new();
    remote.inject(&mut headers);
    let handler = info_span!("GET /numbers");
    let continued = TraceContextPropagator::new().extract(&headers);
    handler.set_parent(continued).expect("it has not begun");
    let answer = async { outside.call(Message::in_current_span(1)).await };
    assert_eq!(answer.instrument(handler).await.unwrap(), 1);
    outside.drain(Duration::MAX).await;
    let spans = received(remote.trace_id()).await;
    assert_eq!(
        draw(&spans),
        lines(
            "
            GET /numbers
              Outside completed
                Inside ok
                  Inside completed
                    inner ok
                      own inner
            "
        )
    );
}
