//! The numbers of a topology as Prometheus scrapes them, and what they advise.
//!
//! ```text
//! cargo run --release --example scrape --features topology-examples/metrics
//! ```

use std::error::Error;
use std::io::{self, Write as _};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use topology_runtime::{Message, topology, workflow_step};

#[workflow_step]
fn parse(line: String) -> usize {
    line.len()
}

/// Asks somebody who takes 4 ms.
#[workflow_step(timeout = 1s)]
async fn enrich(length: usize) -> usize {
    tokio::time::sleep(Duration::from_millis(4)).await;
    length
}

topology! {
    /// Measures lines.
    Lengths<String -> usize>;

    in -> parse -> enrich -> out [capacity = 64, timeout = 2s];

    else fail;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let prometheus = PrometheusBuilder::new().install_recorder()?;
    let lengths = Lengths::start();
    for line in 0..200 {
        lengths.call(Message::root(format!("line {line}"))).await?;
    }

    // Where a server answers scrapes, each of them does these two.
    lengths.record_metrics();
    let scraped = prometheus.render();

    let mut out = io::stdout().lock();
    writeln!(out, "{scraped}")?;
    for advice in lengths.snapshot().advice() {
        writeln!(out, "{advice}\n")?;
    }
    drop(out);
    lengths.drain(Duration::from_secs(1)).await;
    Ok(())
}
