//! Snapshots through the `metrics` facade.

use std::time::Duration;

use metrics::{Label, Unit, counter, describe_counter, describe_gauge, gauge};

use super::histogram::{bucket, upper};
use super::{EdgeSnapshot, Latency, Snapshot, StepSnapshot};
use crate::handle::Handle;
use crate::topology::Topology;

impl<T: Topology> Handle<T> {
    /// Publishes a [snapshot](Self::snapshot) through the `metrics` facade: once,
    /// when somebody asks. See [`Snapshot::record_metrics`].
    pub fn record_metrics(&self) {
        self.snapshot().record_metrics();
    }
}

impl Snapshot {
    /// Publishes these numbers to the current recorder of the `metrics` facade, with
    /// the label `topology`. Call it before each scrape, or every few seconds: nothing
    /// is recorded for each message, so that it costs the steps nothing.
    ///
    /// | name | is a | unit | further labels |
    /// | --- | --- | --- | --- |
    /// | `topology.message.accepted` | counter | `{message}` | |
    /// | `topology.message.settled` | counter | `{message}` | `outcome` |
    /// | `topology.message.live` | gauge | `{message}` | |
    /// | `topology.message.duration` | distribution | s | |
    /// | `topology.step.started`, `.attempts`, `.retries` | counter | `{message}` | `step` |
    /// | `topology.step.done` | counter | `{message}` | `step`, `outcome` |
    /// | `topology.step.in_flight` | gauge | `{message}` | `step` |
    /// | `topology.step.duration` | distribution | s | `step` |
    /// | `topology.edge.fill`, `.fullest`, `.capacity` | gauge | `{message}` | `edge`, `from`, `to` |
    /// | `topology.edge.offered`, `.taken`, `.timed_out`, `.dropped`, `.blocked` | counter | `{message}` | `edge`, `from`, `to` |
    /// | `topology.edge.blocked_time` | gauge | s | `edge`, `from`, `to` |
    /// | `topology.edge.waited` | distribution | s | `edge`, `from`, `to` |
    ///
    /// The facade takes histograms only value by value, which would be a call for
    /// each message. A *distribution* is therefore a gauge of the name with the label
    /// `quantile` (0.5, 0.9, 0.99 and 1), of all since the start, and a counter
    /// `.bucket` with the label `le`, as Prometheus has it: how many took so many
    /// seconds at most. It has no sum, because none is kept:
    ///
    /// ```text
    /// histogram_quantile(0.99, sum by (le) (rate(topology_step_duration_bucket{step="enrich"}[5m])))
    /// ```
    ///
    /// Messages are described to the facade as a count, for which it has a unit.
    ///
    /// Topologies inside a step are not published: their names would be the same
    /// for each replica. Publish what [`StepSnapshot::inside`] holds yourself.
    pub fn record_metrics(&self) {
        describe();
        let of = Labels::of(self);
        of.count("topology.message.accepted", self.accepted);
        for (outcome, messages) in [
            ("completed", self.completed),
            ("failed", self.failed),
            ("ended", self.ended),
            ("abandoned", self.abandoned),
        ] {
            of.and("outcome", outcome)
                .count("topology.message.settled", messages);
        }
        of.level("topology.message.live", whole(self.live));
        of.distribution(
            "topology.message.duration",
            "topology.message.duration.bucket",
            &self.latency,
        );
        for step in &self.steps {
            step.record(&of.and("step", step.name));
        }
        for edge in &self.edges {
            let own = of.and("edge", format!("{} -> {}", edge.from, edge.to));
            edge.record(&own.and("from", edge.from).and("to", edge.to));
        }
    }
}

impl StepSnapshot {
    fn record(&self, of: &Labels) {
        of.count("topology.step.started", self.started);
        of.count("topology.step.attempts", self.attempts);
        of.count("topology.step.retries", self.retries);
        for (outcome, messages) in [
            ("ok", self.succeeded),
            ("error", self.errors),
            ("timeout", self.timeouts),
            ("panic", self.panics),
            ("cancelled", self.cancelled),
        ] {
            of.and("outcome", outcome)
                .count("topology.step.done", messages);
        }
        of.level("topology.step.in_flight", whole(self.in_flight));
        of.distribution(
            "topology.step.duration",
            "topology.step.duration.bucket",
            &self.duration,
        );
    }
}

impl EdgeSnapshot {
    fn record(&self, of: &Labels) {
        of.level("topology.edge.fill", whole(self.fill as u64));
        of.level("topology.edge.fullest", whole(self.fullest as u64));
        of.level("topology.edge.capacity", whole(self.capacity as u64));
        of.count("topology.edge.offered", self.offered);
        of.count("topology.edge.taken", self.taken);
        of.count("topology.edge.timed_out", self.timed_out);
        of.count("topology.edge.dropped", self.dropped);
        of.count("topology.edge.blocked", self.blocked);
        of.level("topology.edge.blocked_time", self.blocked_for.as_secs_f64());
        of.distribution(
            "topology.edge.waited",
            "topology.edge.waited.bucket",
            &self.waited,
        );
    }
}

/// What a number is of.
struct Labels(Vec<Label>);

impl Labels {
    fn of(snapshot: &Snapshot) -> Self {
        Self(vec![Label::new("topology", snapshot.topology)])
    }

    fn and(&self, key: &'static str, value: impl Into<metrics::SharedString>) -> Self {
        let mut labels = self.0.clone();
        labels.push(Label::new(key, value));
        Self(labels)
    }

    fn count(&self, name: &'static str, count: u64) {
        counter!(name, self.0.clone()).absolute(count);
    }

    fn level(&self, name: &'static str, level: f64) {
        gauge!(name, self.0.clone()).set(level);
    }

    fn distribution(&self, name: &'static str, buckets: &'static str, latency: &Latency) {
        for (share, time) in [
            ("0.5", latency.p50),
            ("0.9", latency.p90),
            ("0.99", latency.p99),
            ("1", latency.max),
        ] {
            self.and("quantile", share).level(name, time.as_secs_f64());
        }
        for micros in (0..=32).step_by(2).map(|power| 1_u64 << power) {
            // The buckets before the one that begins there.
            let before = bucket(Duration::from_micros(micros));
            debug_assert_eq!(upper(before - 1), micros - 1, "it begins there");
            let count = latency.counts.iter().take(before).sum();
            let bound = Duration::from_micros(micros).as_secs_f64();
            self.and("le", bound.to_string()).count(buckets, count);
        }
        self.and("le", "+Inf").count(buckets, latency.count);
    }
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
fn whole(number: u64) -> f64 {
    number as f64
}

/// The units of what is measured in something else than messages, and what the rest
/// is.
fn describe() {
    describe_gauge!(
        "topology.message.duration",
        Unit::Seconds,
        "from offer to fate"
    );
    describe_gauge!(
        "topology.step.duration",
        Unit::Seconds,
        "work on a message, all attempts"
    );
    describe_gauge!(
        "topology.edge.waited",
        Unit::Seconds,
        "time on an edge, for room included"
    );
    describe_gauge!(
        "topology.edge.blocked_time",
        Unit::Seconds,
        "time producers waited for room"
    );
    describe_gauge!("topology.edge.fill", Unit::Count, "messages on an edge");
    describe_counter!(
        "topology.message.accepted",
        Unit::Count,
        "messages accepted"
    );
    describe_counter!(
        "topology.message.settled",
        Unit::Count,
        "messages that have a fate"
    );
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use metrics_util::debugging::{DebugValue, DebuggingRecorder};

    use super::*;

    fn latency(millis: &[u64]) -> Latency {
        millis.iter().copied().map(Duration::from_millis).collect()
    }

    fn made() -> Snapshot {
        Snapshot {
            topology: "Made",
            uptime: Duration::from_secs(1),
            accepted: 5,
            completed: 2,
            failed: 1,
            ended: 0,
            abandoned: 0,
            late_failures: 0,
            live: 2,
            latency: latency(&[1, 20, 20]),
            steps: vec![StepSnapshot {
                name: "work",
                is_source: false,
                boundary: None,
                replicas: 1,
                at_once: 1,
                started: 4,
                in_flight: 1,
                succeeded: 2,
                errors: 1,
                timeouts: 0,
                panics: 0,
                cancelled: 0,
                attempts: 6,
                retries: 2,
                rate: 2.0,
                duration: latency(&[1, 1, 20]),
                inside: Vec::new(),
            }],
            edges: vec![EdgeSnapshot {
                from: "in",
                to: "work",
                capacity: 8,
                fill: 1,
                fullest: 7,
                offered: 5,
                taken: 4,
                timed_out: 0,
                dropped: 0,
                blocked: 3,
                blocked_for: Duration::from_millis(1_500),
                waited: Latency::default(),
            }],
            boundaries: Vec::new(),
            tasks: Vec::new(),
        }
    }

    /// Every number with its name and labels, as somebody who exports them gets it.
    fn published(snapshots: &[Snapshot]) -> BTreeMap<String, f64> {
        let recorder = DebuggingRecorder::new();
        metrics::with_local_recorder(&recorder, || {
            snapshots.iter().for_each(Snapshot::record_metrics);
        });
        let all = recorder.snapshotter().snapshot().into_vec().into_iter();
        all.map(|(key, _, _, value)| {
            let (_, key) = key.into_parts();
            let labels: Vec<_> = key
                .labels()
                .map(|l| format!("{}={}", l.key(), l.value()))
                .collect();
            let value = match value {
                DebugValue::Counter(count) => whole(count),
                DebugValue::Gauge(level) => level.into_inner(),
                DebugValue::Histogram(_) => panic!("nothing is recorded one by one"),
            };
            (format!("{} {}", key.name(), labels.join(",")), value)
        })
        .collect()
    }

    #[test]
    fn every_number_has_its_name_and_labels() {
        let numbers = published(&[made()]);
        for (key, expected) in [
            ("topology.message.accepted topology=Made", 5.0),
            (
                "topology.message.settled topology=Made,outcome=completed",
                2.0,
            ),
            (
                "topology.message.settled topology=Made,outcome=abandoned",
                0.0,
            ),
            ("topology.message.live topology=Made", 2.0),
            ("topology.step.started topology=Made,step=work", 4.0),
            ("topology.step.attempts topology=Made,step=work", 6.0),
            (
                "topology.step.done topology=Made,step=work,outcome=error",
                1.0,
            ),
            ("topology.step.in_flight topology=Made,step=work", 1.0),
            (
                "topology.step.duration topology=Made,step=work,quantile=1",
                0.02,
            ),
            (
                "topology.step.duration topology=Made,step=work,quantile=0.5",
                0.001_023,
            ),
            (
                "topology.step.duration.bucket topology=Made,step=work,le=0.001024",
                2.0,
            ),
            (
                "topology.step.duration.bucket topology=Made,step=work,le=0.000256",
                0.0,
            ),
            (
                "topology.step.duration.bucket topology=Made,step=work,le=0.065536",
                3.0,
            ),
            (
                "topology.step.duration.bucket topology=Made,step=work,le=+Inf",
                3.0,
            ),
            (
                "topology.edge.fill topology=Made,edge=in -> work,from=in,to=work",
                1.0,
            ),
            (
                "topology.edge.fullest topology=Made,edge=in -> work,from=in,to=work",
                7.0,
            ),
            (
                "topology.edge.blocked topology=Made,edge=in -> work,from=in,to=work",
                3.0,
            ),
            (
                "topology.edge.blocked_time topology=Made,edge=in -> work,from=in,to=work",
                1.5,
            ),
        ] {
            let number = numbers
                .get(key)
                .unwrap_or_else(|| panic!("{key}: {numbers:#?}"));
            assert!((number - expected).abs() < 1e-12, "{key}: {number}");
        }
    }

    #[test]
    fn what_is_published_twice_is_not_counted_twice() {
        let mut later = made();
        later.accepted = 9;
        let numbers = published(&[made(), later]);
        assert!((numbers["topology.message.accepted topology=Made"] - 9.0).abs() < 1e-12);
        let step = "topology.step.duration.bucket topology=Made,step=work,le=+Inf";
        assert!((numbers[step] - 3.0).abs() < 1e-12);
    }
}
