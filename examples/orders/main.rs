//! Request and response: orders are parsed, screened by a service that is often
//! busy, settled or reviewed, then recorded and announced side by side. Prints
//! what became of them, and what the topology can say of itself.
//!
//! ```text
//! cargo run --release --example orders
//! ```
//!
//! With a collector, it gets the spans too:
//!
//! ```text
//! OTEL_SERVICE_NAME=orders OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 \
//!     cargo run --release --example orders --features topology-examples/otel
//! ```
//!
//! To look at it live, until Ctrl-C or for as long as it says:
//!
//! ```text
//! cargo run --release --example orders --features topology-examples/dashboard -- --for 60s
//! ```

#[cfg(feature = "dashboard")]
mod live;
mod steps;
mod summary;
mod world;

use std::collections::HashSet;
use std::error::Error;
use std::io::{self, Write as _};
use std::time::Duration;

use tokio::task::JoinSet;
use topology_runtime::testing::{Recorder, TraceTree};
use topology_runtime::{Message, State, topology};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use steps::{Receipt, Verdict, ledger, notify, parse, record, review, screen, settle, summarise};
use summary::Summary;
use world::{Books, Mail, RawOrder, Screening};

topology! {
    /// Settles orders. Duplicates end without a receipt: hence the `?`.
    Orders<RawOrder -> Receipt?> [state = World];

    in -> parse -> screen [capacity = 64, timeout = 2s];

    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 64, timeout = 2s],
        Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 5s],
        Verdict::Duplicate => discard,
    };

    settle | review -> record -> ledger & notify -> summarise -> out
        [capacity = 64, timeout = 1s];

    screen [replicas = 16];
    settle [replicas = 4];
    review [replicas = 4];
    notify [replicas = 4];

    notify else skip;
    else fail;
}

/// What the steps borrow, each by its type.
#[derive(State)]
struct World {
    screening: Screening,
    books: Books,
    mail: Mail,
}

const SEED: u64 = 2026;
const ORDERS: u64 = 400;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // It keeps everything, which is too much for a run without an end.
    let recorder = (!cfg!(feature = "dashboard")).then(Recorder::default);
    let subscriber = tracing_subscriber::registry().with(recorder.clone());
    #[cfg(feature = "dashboard")]
    let failures = topology_runtime::dashboard::Failures::default();
    #[cfg(feature = "dashboard")]
    let subscriber = subscriber.with(failures.clone());
    #[cfg(feature = "otel")]
    let traces = topology_runtime::otel::Traces::from_env()?;
    #[cfg(feature = "otel")]
    let subscriber = subscriber.with(traces.layer());
    subscriber.init();

    let orders = Orders::start(World {
        screening: Screening::new(SEED),
        books: Books::default(),
        mail: Mail::new(SEED),
    });
    #[cfg(feature = "dashboard")]
    live::serve(&orders, &failures).await?;
    let mut calls = JoinSet::new();
    for raw in world::orders(SEED, ORDERS) {
        let orders = orders.clone();
        calls.spawn(async move { orders.call(Message::root(raw)).await });
    }
    let mut summary = Summary::default();
    while let Some(answer) = calls.join_next().await {
        summary.add(answer?);
    }
    let drained = orders.drain(Duration::from_secs(5)).await;
    #[cfg(feature = "otel")]
    if let Err(error) = tokio::task::spawn_blocking(move || traces.shutdown()).await? {
        eprintln!("The spans were not sent: {error}");
    }

    let mut out = io::stdout().lock();
    writeln!(out, "What became of {ORDERS} orders\n\n{summary}")?;
    writeln!(out, "The topology in numbers\n\n{}", orders.snapshot())?;
    if let Some(trace) = recorder.as_ref().and_then(most_tried) {
        writeln!(out, "One order that was tried again\n\n{trace}")?;
    }
    writeln!(out, "The end\n\n{drained}\n")?;
    writeln!(out, "The drawing, as Mermaid\n\n{}", Orders::GRAPH)?;
    Ok(())
}

/// The answered order whose screening took the most attempts.
fn most_tried(recorder: &Recorder) -> Option<TraceTree> {
    let spans = recorder.spans();
    let answered: HashSet<_> = spans
        .iter()
        .filter(|span| span.name == "message" && span.field("outcome") == "completed")
        .map(|span| span.field("trace_id"))
        .collect();
    let screened = spans
        .iter()
        .filter(|span| span.field("step") == "screen" && span.name == "step")
        .filter(|span| answered.contains(span.field("trace_id")));
    let longest = screened.max_by_key(|span| span.field("attempt").parse::<usize>().ok())?;
    Some(recorder.trace(longest.field("trace_id")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_readme_shows_the_topology() {
        topology_runtime::testing::assert_diagram(&super::Orders::GRAPH, "README.md");
    }
}
