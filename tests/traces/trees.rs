//! The spans of messages, as they are received.

use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use topology_runtime::{Message, TraceContext};

use crate::logged;
use crate::looked_at::{attribute, draw, error, exceptions, id, lines, named, number, text};
use crate::receiver::{collect, received};
use crate::trip::{App, Trip, read};

#[tokio::test]
async fn a_message_is_one_tree() {
    collect();
    let (sent, app) = App::new();
    let trip = Trip::start(app);
    let message = Message::root(2);
    let context = message.context().clone();
    assert_eq!(trip.call(message).await.unwrap(), "4");
    trip.drain(Duration::MAX).await;
    let spans = received(context.trace_id()).await;
    assert_eq!(
        draw(&spans),
        lines(
            "
            Trip completed
              open ok
                fast ok
                  both ok
                    seal ok
                flaky ok
                  flaky attempt failed
                  flaky attempt failed
                  flaky attempt ok
            "
        )
    );
    // What was sent onwards, and the message itself, name these spans.
    let trip = named(&spans, "Trip");
    assert_eq!(
        (id(trip), trip.parent_span_id.len()),
        (context.span_id(), 0)
    );
    let sent = sent.all();
    assert_eq!(sent.len(), 5);
    for (step, attempt, headers) in &sent {
        let context = read(headers);
        let span = spans.iter().find(|span| id(span) == context.span_id());
        let span = span.expect("the span that was named onwards");
        if *step == "flaky" {
            assert_eq!(span.name, "flaky attempt");
            let attempt = i64::try_from(*attempt).expect("few");
            assert_eq!(number(span, "topology.attempt"), attempt);
        } else {
            assert_eq!(span.name, *step);
        }
        assert!(context.is_sampled());
        assert!(!headers.contains_key("tracestate"));
    }
}

#[tokio::test]
async fn a_join_links_to_its_parts_and_nothing_else_links() {
    collect();
    let trip = Trip::start(App::new().1);
    let message = Message::root(1);
    let trace_id = message.context().trace_id();
    trip.call(message).await.unwrap();
    trip.drain(Duration::MAX).await;
    let spans = received(trace_id).await;
    let links: Vec<_> = named(&spans, "both").links.iter().collect();
    let parts = ["fast", "flaky"].map(|part| named(&spans, part).span_id.clone());
    assert_eq!(links.len(), 2);
    for (link, part) in links.iter().zip(parts) {
        assert_eq!(
            (&link.trace_id[..], &link.span_id),
            (&trace_id.to_bytes()[..], &part)
        );
    }
    let linking = spans.iter().filter(|span| !span.links.is_empty());
    assert_eq!(linking.count(), 1);
}

#[tokio::test]
async fn what_failed_says_so_and_why() {
    collect();
    let trip = Trip::start(App::new().1);
    let message = Message::root(3);
    let trace_id = message.context().trace_id();
    trip.call(message).await.unwrap_err();
    trip.drain(Duration::MAX).await;
    let spans = received(trace_id).await;
    assert_eq!(
        draw(&spans),
        lines(
            "
            Trip failed
              open ok
                fast ok
                flaky failed
                  flaky attempt failed
                  flaky attempt failed
                  flaky attempt failed
            "
        )
    );
    let why = "step `flaky` failed: not yet 3 (after 3 attempts)";
    for name in ["Trip", "flaky"] {
        let span = named(&spans, name);
        assert_eq!(error(span), Some(why));
        assert_eq!(exceptions(span), [why]);
        assert_eq!(text(span, "error.type"), "error");
        assert_eq!(span.events.len(), 1, "{:?}", span.events);
    }
    assert_eq!(number(named(&spans, "flaky"), "topology.attempts"), 3);
    let attempts = spans.iter().filter(|span| span.name == "flaky attempt");
    for (number, attempt) in attempts.enumerate() {
        let why = format!("not yet {}", number + 1);
        assert_eq!(error(attempt), Some(&*why));
        assert_eq!(exceptions(attempt), [&*why]);
    }
    for name in ["open", "fast"] {
        let span = named(&spans, name);
        assert_eq!((error(span), span.events.len()), (None, 0));
        assert_eq!(attribute(span, "error.type"), None);
    }
    // The log says it with the same trace id.
    let logged = logged::lines(trace_id);
    assert_eq!(logged.len(), 1);
    assert_eq!(logged[0]["error"], why);
}

#[tokio::test]
async fn attributes_have_the_names_of_the_topology_and_no_others() {
    collect();
    let trip = Trip::start(App::new().1);
    let message = Message::root(1);
    let trace_id = message.context().trace_id();
    trip.call(message).await.unwrap();
    trip.drain(Duration::MAX).await;
    let spans = received(trace_id).await;
    let names = |name: &str| {
        let fields = named(&spans, name).attributes.iter();
        let fields = fields.map(|field| field.key.as_str());
        let mut names: Vec<_> = fields.filter(|name| !name.starts_with("thread.")).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names("Trip"), ["topology.outcome", "topology.workflow"]);
    let of_step = [
        "topology.attempts",
        "topology.outcome",
        "topology.step",
        "topology.waited_us",
        "topology.workflow",
    ];
    assert_eq!(names("open"), of_step);
    let flaky = named(&spans, "flaky");
    assert_eq!(text(flaky, "topology.workflow"), "Trip");
    assert_eq!(text(flaky, "topology.step"), "flaky");
    assert_eq!(number(flaky, "topology.attempts"), 2);
    assert!(number(flaky, "topology.waited_us") >= 0);
    for span in &spans {
        assert_eq!(span.kind(), SpanKind::Internal, "{}", span.name);
    }
}

#[tokio::test]
async fn a_trace_of_elsewhere_goes_on_with_its_members_and_flag() {
    collect();
    let (sent, app) = App::new();
    let trip = Trip::start(app);
    let elsewhere = TraceContext::root();
    let mut request = http::HeaderMap::new();
    let state = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7";
    elsewhere.inject(&mut request);
    request.append("tracestate", "congo=t61rcWkgMzE".parse().unwrap());
    request.append("tracestate", "rojo=00f067aa0ba902b7".parse().unwrap());
    let message = Message::from_headers(0, &request);
    trip.call(message).await.unwrap();
    trip.drain(Duration::MAX).await;
    let spans = received(elsewhere.trace_id()).await;
    assert_eq!(spans.len(), 7);
    let whole = named(&spans, "Trip");
    assert_eq!(whole.parent_span_id, elsewhere.span_id().to_bytes());
    assert_eq!(whole.kind(), SpanKind::Consumer);
    for span in &spans {
        assert_eq!(span.trace_state, state, "{}", span.name);
        assert_eq!(attribute(span, "tracestate"), None);
    }
    for (_, _, headers) in sent.all() {
        assert_eq!(headers["tracestate"], state);
    }
}
