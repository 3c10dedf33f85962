//! Messages that failed.

use std::sync::LazyLock;

use serde_json::Value;
use topology_runtime::dashboard::{self, Failures};
use topology_runtime::{Message, Sampling};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::client::{Events, get};
use crate::topologies::{Loading, Yard};

/// Of all tests: `tracing` asks one subscriber.
pub(crate) fn failures() -> &'static Failures {
    static FAILURES: LazyLock<Failures> = LazyLock::new(|| {
        let failures = Failures::default();
        tracing_subscriber::registry().with(failures.clone()).init();
        failures
    });
    &FAILURES
}

/// Sends a message that fails, and returns what the page is told of it.
async fn failed(sampling: Sampling<u32>) -> (Value, Value) {
    let loading = Loading::start(Yard::open());
    loading.sample(sampling);
    let dashboard = dashboard::serve(0)
        .topology("yard", &loading)
        .failures(failures())
        .await
        .unwrap();
    let message = Message::root(13);
    let trace_id = message.context().trace_id().to_string();
    loading.call(message).await.unwrap_err();
    let find = |told: &Value| {
        let mut told = told.as_array().unwrap().iter();
        told.find(|one| one["trace_id"] == trace_id.as_str())
            .cloned()
    };
    let mut events = Events::of(&dashboard).await;
    let told = events.wait_for("failed", |told| find(told).is_some()).await;
    let failed = find(&told).unwrap();
    let spans = get(&dashboard, &format!("/failures/{}", failed["number"])).await;
    assert_eq!(spans.status, 200);
    assert_eq!(get(&dashboard, "/failures/123456789").await.status, 404);
    (failed, serde_json::from_str(&spans.body).unwrap())
}

#[tokio::test]
async fn a_failed_message_is_told_with_its_spans() {
    failures();
    let (failed, spans) = failed(Sampling::all()).await;
    assert_eq!(
        failed["error"],
        "step `weigh` failed: nobody <b>takes</b> 13"
    );
    assert_eq!(failed["kind"], "error");
    assert_eq!(failed["topology"], "Loading");
    let spans = spans["spans"].as_array().unwrap();
    let names: Vec<_> = spans
        .iter()
        .map(|span| span["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Loading", "weigh"]);
    assert_eq!(spans[1]["parent"], 0);
    for span in spans {
        assert_eq!(span["outcome"], "failed");
        assert!(span["ends"].as_u64() >= span["begins"].as_u64());
    }
}

#[tokio::test]
async fn of_a_message_that_is_not_sampled_the_error_is_told() {
    failures();
    let (failed, spans) = failed(Sampling::none()).await;
    assert_eq!(
        failed["error"],
        "step `weigh` failed: nobody <b>takes</b> 13"
    );
    assert_eq!(failed["has_spans"], false);
    assert!(spans["spans"].as_array().unwrap().is_empty());
}
