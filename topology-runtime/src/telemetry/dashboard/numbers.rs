//! A snapshot as the page takes it. What a snapshot learns to say is added here.

use std::time::Duration;

use serde_json::{Value, json};

use crate::telemetry::{EdgeSnapshot, Latency, Snapshot, StepSnapshot};

/// Times are in microseconds.
pub(super) fn of(snapshot: &Snapshot) -> Value {
    json!({
        "uptime": micros(snapshot.uptime),
        "accepted": snapshot.accepted,
        "completed": snapshot.completed,
        "failed": snapshot.failed,
        "ended": snapshot.ended,
        "abandoned": snapshot.abandoned,
        "late_failures": snapshot.late_failures,
        "live": snapshot.live,
        "steps": snapshot.steps.iter().map(step).collect::<Vec<_>>(),
        "edges": snapshot.edges.iter().map(edge).collect::<Vec<_>>(),
        "runs": runs(snapshot),
    })
}

/// What runs: boundaries, and then tasks.
fn runs(snapshot: &Snapshot) -> Vec<Value> {
    let boundaries = snapshot.boundaries.iter().map(|boundary| {
        let what = match (boundary.is_process, boundary.pid, boundary.threads) {
            (true, Some(pid), _) => format!("process {pid}"),
            (true, None, _) => "no process".to_owned(),
            (false, _, Some(0)) => "no threads".to_owned(),
            (false, _, Some(1) | None) => "a thread".to_owned(),
            (false, _, Some(threads)) => format!("{threads} threads"),
        };
        json!({
            "name": boundary.name,
            "what": what,
            "inside": boundary.outer,
            "restarts": boundary.restarts,
            "last": boundary.last_end,
        })
    });
    let tasks = snapshot.tasks.iter().map(|task| {
        json!({
            "name": task.step,
            "what": format!("task {}", task.replica),
            "inside": task.boundary,
            "restarts": task.restarts,
            "last": task.last_failure,
            "trace": task.trace,
        })
    });
    boundaries.chain(tasks).collect()
}

fn step(step: &StepSnapshot) -> Value {
    let mut numbers = json!({
        "name": step.name,
        "started": step.started,
        "in_flight": step.in_flight,
        "succeeded": step.succeeded,
        "errors": step.errors,
        "timeouts": step.timeouts,
        "panics": step.panics,
        "cancelled": step.cancelled,
        "retries": step.retries,
        "took": latency(&step.duration),
    });
    if !step.inside.is_empty() {
        numbers["inside"] = step.inside.iter().map(of).collect();
    }
    numbers
}

fn edge(edge: &EdgeSnapshot) -> Value {
    json!({
        "from": edge.from,
        "to": edge.to,
        "fill": edge.fill,
        "offered": edge.offered,
        "taken": edge.taken,
        "timed_out": edge.timed_out,
        "dropped": edge.dropped,
        "blocked": edge.blocked,
        "waited": latency(&edge.waited),
    })
}

fn latency(latency: &Latency) -> Value {
    json!({
        "count": latency.count,
        "p50": micros(latency.p50),
        "p99": micros(latency.p99),
        "max": micros(latency.max),
    })
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
