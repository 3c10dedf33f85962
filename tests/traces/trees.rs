//! The spans of messages, as they are received.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use topology_runtime::{Message, State, TraceContext, topology, workflow_step};

use crate::logged;
use crate::looked_at::{attribute, draw, error, exceptions, id, lines, named, number, text};
use crate::notes::Notes;
use crate::receiver::{collect, received};
use crate::trip::{App, Trip, read};

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).expect("it is later");
    u64::try_from(since.as_nanos()).expect("it is not that late")
}

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

#[derive(State)]
struct Times {
    done: Notes<SystemTime>,
    release: std::sync::Arc<tokio::sync::Semaphore>,
}

#[workflow_step(timeout = 10s)]
async fn quick(number: u32, done: &Notes<SystemTime>) -> u32 {
    tokio::task::yield_now().await;
    done.add(SystemTime::now());
    number
}

/// Until it is let go.
#[workflow_step(timeout = 10s)]
async fn held(number: u32, release: &std::sync::Arc<tokio::sync::Semaphore>) -> u32 {
    release.acquire().await.expect("it is open").forget();
    number
}

topology! {
    Waiting<u32 -> u32> [state = Times];
    in -> quick -> held -> out [capacity = 4, timeout = 10s];
    else fail;
}

/// The span of `quick` stays open while its message waits for `held`, which
/// works on another.
#[tokio::test]
async fn a_span_ends_when_its_work_is_done() {
    collect();
    let done = Notes::default();
    let release = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    let waiting = Waiting::start(Times {
        done: done.clone(),
        release: release.clone(),
    });
    waiting.send(Message::root(1)).await.unwrap();
    let message = Message::root(2);
    let trace_id = message.context().trace_id();
    waiting.send(message).await.unwrap();
    while done.all().len() < 2 || waiting.snapshot().step("quick").unwrap().succeeded < 2 {
        tokio::task::yield_now().await;
    }
    let released = SystemTime::now();
    release.add_permits(2);
    waiting.drain(Duration::MAX).await;
    let spans = received(trace_id).await;
    let [quick, held, whole] = ["quick", "held", "Waiting"].map(|name| named(&spans, name));
    let done = nanos(done.all()[1]);
    assert!(quick.start_time_unix_nano <= done && done <= quick.end_time_unix_nano);
    assert!(quick.end_time_unix_nano <= nanos(released));
    assert!(held.end_time_unix_nano >= nanos(released));
    assert!(whole.end_time_unix_nano >= held.end_time_unix_nano);
}

#[tokio::test]
async fn a_trace_of_elsewhere_goes_on_with_its_members_and_flag() {
    collect();
    let (sent, app) = App::new();
    let trip = Trip::start(app);
    let elsewhere = TraceContext::root();
    let state = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7";
    let message = Message::from_traceparent(0, &elsewhere.traceparent(), Some(state));
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

#[workflow_step(timeout = 10s)]
async fn store(numbers: Vec<u32>) -> Vec<Result<u32, String>> {
    numbers
        .into_iter()
        .map(|number| {
            if number == 1 {
                Err("no ones".to_owned())
            } else {
                Ok(number)
            }
        })
        .collect()
}

topology! {
    Stored<u32 -> u32>;
    in -> store [capacity = 4, timeout = 10s, batch = 2, linger = 5s];
    store -> out [capacity = 4, timeout = 10s];
    else fail;
}

#[tokio::test]
async fn a_batch_is_a_trace_of_its_own_that_links_to_its_members() {
    collect();
    let stored = Stored::start();
    let messages = [1, 2].map(Message::root);
    let traces = [0, 1].map(|member| messages[member].context().trace_id());
    for message in messages {
        stored.send(message).await.unwrap();
    }
    stored.drain(Duration::MAX).await;
    let mut members = Vec::new();
    for (trace_id, outcome) in traces.iter().zip(["failed", "ok"]) {
        let spans = received(*trace_id).await;
        assert_eq!(spans.len(), 2);
        let member = named(&spans, "store").clone();
        assert_eq!(text(&member, "topology.outcome"), outcome);
        members.push(member);
    }
    assert_eq!(error(&members[0]), Some("step `store` failed: no ones"));
    let batch = crate::receiver::linked_to(&members[0]);
    assert_eq!(batch.name, "store batch");
    assert_eq!(number(&batch, "messaging.batch.message_count"), 2);
    assert!(batch.parent_span_id.is_empty());
    let links: Vec<_> = batch
        .links
        .iter()
        .map(|link| (&link.trace_id, &link.span_id))
        .collect();
    let expected: Vec<_> = members
        .iter()
        .map(|span| (&span.trace_id, &span.span_id))
        .collect();
    assert_eq!(links, expected);
}

#[workflow_step(timeout = 10s)]
async fn stuck(_: u32) -> u32 {
    std::future::pending().await
}

topology! {
    Jammed<u32 -> u32>;
    #[allow(hasty_edge, reason = "it is to be lost there")]
    in -> quick_one -> stuck -> out [capacity = 4, timeout = 30ms];
    else fail;
}

#[workflow_step]
fn quick_one(number: u32) -> u32 {
    number
}

/// It has no span on the edge, so what happened there is an event of the step
/// it came from, though that has ended.
#[tokio::test]
async fn a_message_that_is_lost_on_an_edge_says_where() {
    collect();
    let jammed = Jammed::start();
    jammed.send(Message::root(1)).await.unwrap();
    let message = Message::root(2);
    let trace_id = message.context().trace_id();
    jammed.call(message).await.unwrap_err();
    jammed.drain(Duration::ZERO).await;
    let spans = received(trace_id).await;
    assert_eq!(
        draw(&spans),
        lines(
            "
        Jammed failed
          quick_one ok
    "
        )
    );
    let whole = named(&spans, "Jammed");
    assert_eq!(text(whole, "error.type"), "edge_timeout");
    assert_eq!(error(whole), Some("`stuck` did not start in time"));
    let quick = named(&spans, "quick_one");
    assert_eq!(error(quick), None);
    let events: Vec<_> = quick.events.iter().map(|event| &*event.name).collect();
    assert_eq!(events, ["a message was not taken from its edge"]);
}

#[tokio::test]
async fn what_is_given_up_says_so() {
    collect();
    let jammed = Jammed::start();
    let message = Message::root(1);
    let trace_id = message.context().trace_id();
    jammed.send(message).await.unwrap();
    while jammed.snapshot().step("stuck").unwrap().started == 0 {
        tokio::task::yield_now().await;
    }
    jammed.drain(Duration::ZERO).await;
    let spans = received(trace_id).await;
    let whole = named(&spans, "Jammed");
    assert_eq!(text(whole, "topology.outcome"), "abandoned");
    assert_eq!(text(whole, "error.type"), "abandoned");
    assert_eq!(error(whole), Some("abandoned"));
}
