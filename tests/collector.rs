//! What a collector receives that somebody else wrote, over both transports.
//!
//! `ROTEL_AGENT=path cargo test -p topology-tests --features otel --test collector -- --ignored`

#![allow(
    clippy::unused_async,
    reason = "async steps run in a way of their own, whatever they do"
)]

#[path = "traces/notes.rs"]
mod notes;
#[path = "collector/printed.rs"]
mod printed;
#[path = "collector/rotel.rs"]
mod rotel;
#[path = "traces/trip.rs"]
mod trip;

use std::time::Duration;

use topology_runtime::otel::Traces;
use topology_runtime::{Message, TraceContext};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt as _;

use printed::{Printed, draw};
use rotel::Rotel;
use trip::{App, Trip, read};

#[tokio::test]
#[ignore = "it needs the collector of the Python package `rotel`"]
async fn a_run_arrives_over_grpc_and_over_http() {
    // `tracing` asks each subscriber anew only while there are several.
    let _another = Dispatch::new(tracing_subscriber::registry());
    for transport in ["grpc", "http"] {
        let rotel = Rotel::start();
        let traces = match transport {
            "grpc" => Traces::grpc(rotel.grpc()),
            _ => Traces::http(&rotel.http()),
        };
        let traces = traces.expect("an address");
        let recording = tracing_subscriber::registry().with(traces.layer());
        let _recording = tracing::subscriber::set_default(recording);

        let (sent, app) = App::new();
        let trip = Trip::start(app);
        let elsewhere = TraceContext::root();
        let state = Some("vendor=1");
        let well = Message::from_traceparent(1, &elsewhere.traceparent(), state);
        let badly = Message::root(3);
        let failed = badly.context().clone();
        trip.call(well).await.unwrap();
        let error = trip.call(badly).await.unwrap_err().to_string();
        trip.drain(Duration::MAX).await;
        let flushed = tokio::task::spawn_blocking(move || traces.shutdown()).await;
        flushed.expect("no panic").expect("everything was sent");

        let spans = printed::read(&rotel.stop());
        assert_eq!(spans.len(), 15, "{transport}");
        went_well(&spans, &elsewhere);
        went_badly(&spans, &failed, &error);
        let sent = sent.all();
        assert_eq!(sent.len(), 9);
        for (step, _, headers) in sent {
            let context = read(&headers);
            let named = |span: &&Printed| {
                span.id == context.span_id().to_string()
                    && span.trace_id == context.trace_id().to_string()
            };
            let span = spans.iter().find(named);
            assert!(span.expect("it was sent onwards").name.starts_with(step));
        }
    }
}

fn went_well(spans: &[Printed], elsewhere: &TraceContext) {
    let trace_id = elsewhere.trace_id().to_string();
    assert_eq!(
        draw(spans, &trace_id, &elsewhere.span_id().to_string()),
        "\
Trip UNSET
  open UNSET
    fast UNSET
      both UNSET
        seal UNSET
    flaky UNSET
      flaky attempt ERROR
      flaky attempt UNSET
"
    );
    let of_trace: Vec<_> = spans
        .iter()
        .filter(|span| span.trace_id == trace_id)
        .collect();
    let named = |name: &str| *of_trace.iter().find(|span| span.name == name).expect(name);
    assert!(of_trace.iter().all(|span| span.state == "vendor=1"));
    assert_eq!(named("Trip").kind, "SPAN_KIND_CONSUMER");
    let parts = ["fast", "flaky"].map(|part| &named(part).id);
    assert_eq!(named("both").links.iter().collect::<Vec<_>>(), parts);
    assert_eq!(named("flaky attempt").exceptions, ["Str(not yet 1)"]);
}

fn went_badly(spans: &[Printed], failed: &TraceContext, error: &str) {
    let trace_id = failed.trace_id().to_string();
    assert_eq!(
        draw(spans, &trace_id, ""),
        "\
Trip ERROR
  open UNSET
    fast UNSET
    flaky ERROR
      flaky attempt ERROR
      flaky attempt ERROR
      flaky attempt ERROR
"
    );
    let of_trace: Vec<_> = spans
        .iter()
        .filter(|span| span.trace_id == trace_id)
        .collect();
    let named = |name: &str| *of_trace.iter().find(|span| span.name == name).expect(name);
    assert_eq!(named("Trip").id, failed.span_id().to_string());
    for name in ["Trip", "flaky"] {
        assert_eq!(named(name).description, error);
        assert_eq!(named(name).exceptions, [format!("Str({error})")]);
    }
    assert!(
        of_trace
            .iter()
            .all(|span| span.links.is_empty() && span.state.is_empty())
    );
}
