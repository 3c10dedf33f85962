//! What steps and edges declare, in words.

use std::time::Duration;

use serde_json::{Value, json};

use crate::boundary::Isolation;
use crate::budget::Specs;
use crate::edge::{EdgeSpec, Overflow};
use crate::step::{Kind, StepSpec};

/// Rows of a name and a text.
struct Rows(Vec<[String; 2]>);

impl Rows {
    fn add(&mut self, name: &str, text: impl Into<String>) {
        self.0.push([name.to_owned(), text.into()]);
    }
}

pub(super) fn step(spec: &StepSpec, specs: &Specs) -> Value {
    let contract = &spec.contract;
    let mut rows = Rows(Vec::new());
    rows.add(
        "runs",
        match contract.kind {
            Kind::Async => "as a future",
            Kind::Inline => "inline, to its end",
            Kind::Blocking => "on a thread of its own",
            Kind::Topology => "as a topology inside this one",
        },
    );
    if contract.name != spec.name {
        rows.add("function", contract.name);
    }
    if let Some(boundary) = spec.boundary.map(|number| &specs.boundaries[number]) {
        let what = match (boundary.isolation, boundary.thread_count()) {
            (Isolation::Process, _) => "a process".to_owned(),
            (Isolation::Thread, 1) => "one thread".to_owned(),
            (Isolation::Thread, threads) => format!("{threads} threads"),
        };
        rows.add("boundary", format!("{}: {what}", boundary.name));
    }
    rows.add(
        "replicas",
        if spec.least < spec.replicas {
            format!("{} to {}", spec.least, spec.replicas)
        } else {
            spec.replicas.to_string()
        },
    );
    if spec.is_keyed {
        rows.add("order", "kept for each key");
    }
    if let Some(rate) = spec.rate {
        rows.add("rate", format!("up to {rate}"));
    }
    match contract.timeout {
        Some(timeout) => rows.add("timeout", format!("{} for each attempt", time(timeout))),
        None => rows.add("timeout", "none"),
    }
    match contract.retry {
        Some(retry) => rows.add(
            "retry",
            format!(
                "{} attempts, backoff {} to {}",
                retry.attempts,
                time(retry.from),
                time(retry.to)
            ),
        ),
        None => rows.add("retry", "none"),
    }
    if contract.is_idempotent {
        rows.add("idempotent", "yes");
    }
    if let Some((most, linger)) = spec.batch {
        rows.add("batch", format!("up to {most}, waits {}", time(linger)));
    }
    if let Some(period) = contract.tick {
        rows.add("tick", format!("every {}", time(period)));
    }
    if contract.finishes {
        rows.add("finish", "yes");
    }
    if let Some(inside) = &spec.inside {
        rows.add("inside", inside.graph.name());
        rows.add("worst case", time(inside.worst_case));
    }
    json!({ "name": spec.name, "replicas": spec.replicas, "contract": rows.0 })
}

pub(super) fn edge(spec: &EdgeSpec, steps: &[StepSpec]) -> Value {
    let mut rows = Rows(Vec::new());
    rows.add("capacity", spec.capacity.to_string());
    rows.add("timeout", time(spec.timeout));
    rows.add(
        "overflow",
        match spec.overflow {
            Overflow::Block => "block: the producer waits for room",
            Overflow::DropOldest => "drop_oldest: the oldest is dropped",
            Overflow::DropNewest => "drop_newest: the newest is dropped",
        },
    );
    if let Some((limit, within)) = spec.scope {
        rows.add(
            "each",
            format!("up to {limit} items, within {}", time(within)),
        );
    }
    if let Some(first) = spec.first {
        rows.add("first", first.to_string());
    }
    if let Some(back) = &spec.back {
        rows.add("rounds", back.rounds.to_string());
    }
    let bytes = spec.step.map_or(0, |step| steps[step].waiting);
    if bytes > 0 {
        rows.add("message", format!("{bytes} bytes while it waits"));
    }
    json!({ "from": spec.from, "to": spec.to, "capacity": spec.capacity, "contract": rows.0 })
}

/// As it is written in a contract, where that can be.
fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    if time.subsec_nanos() > 0 || seconds == 0 {
        return format!("{time:?}");
    }
    for (unit, name) in [(3600, "h"), (60, "min")] {
        if seconds.is_multiple_of(unit) {
            return format!("{}{name}", seconds / unit);
        }
    }
    format!("{seconds}s")
}
