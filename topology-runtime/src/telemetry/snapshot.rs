//! A topology's numbers at one moment.

use std::fmt;
use std::time::Duration;

use super::histogram::{Histogram, quantile};
use super::{EdgeMeter, StepMeter};
use crate::edge::{EdgeSpec, Lane};
use crate::step::StepSpec;

/// What a topology has done and is doing, as plain data.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The name of the topology.
    pub topology: &'static str,
    /// How long it has been running.
    pub uptime: Duration,
    /// Messages that were accepted; the sum of the fates below and of those
    /// still on their way.
    pub accepted: u64,
    /// Messages that were answered, or ended well where there is no `out`.
    pub completed: u64,
    /// Messages that failed.
    pub failed: u64,
    /// Messages that ended quietly, without an answer.
    pub ended: u64,
    /// Messages given up by an abort or a drain that ran out of time.
    pub abandoned: u64,
    /// Failures on branches of messages that had been answered already.
    pub late_failures: u64,
    /// Messages of which some branch is still on its way, answered or not.
    pub live: u64,
    /// Each step, in the order of their first mention.
    pub steps: Vec<StepSnapshot>,
    /// Each edge with a queue, in the order they were drawn.
    pub edges: Vec<EdgeSnapshot>,
}

/// The numbers of one step.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StepSnapshot {
    /// The step's name in the topology.
    pub name: &'static str,
    /// How many messages it works on at once, at most.
    pub replicas: usize,
    /// Messages it started on.
    pub started: u64,
    /// Messages it is working on.
    pub in_flight: u64,
    /// Messages it ended well on.
    pub succeeded: u64,
    /// Messages it failed on with an error.
    pub errors: u64,
    /// Messages whose last attempt took too long.
    pub timeouts: u64,
    /// Messages it panicked on.
    pub panics: u64,
    /// Messages that were cancelled while it worked on them.
    pub cancelled: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Messages it ended well on, per second since the start.
    pub rate: f64,
    /// How long it works on a message, all attempts together.
    pub duration: Latency,
    /// Of a step that is a topology: the numbers inside, one set for each
    /// replica.
    pub inside: Vec<Snapshot>,
}

/// The numbers of one edge.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EdgeSnapshot {
    /// Where it comes from: `in`, a step, or the steps that share a fallback.
    pub from: &'static str,
    /// Where it leads: a step, or `out`.
    pub to: &'static str,
    /// How many messages may wait.
    pub capacity: usize,
    /// How many do.
    pub fill: usize,
    /// Messages that were offered to it.
    pub offered: u64,
    /// Messages that a step started on, or that were answered.
    pub taken: u64,
    /// Messages that waited too long, for room or on the edge.
    pub timed_out: u64,
    /// Messages dropped because it was full.
    pub dropped: u64,
    /// Messages that had to wait for room.
    pub blocked: u64,
    /// How long messages spent on it.
    pub waited: Latency,
}

/// A distribution of times. Quantiles are the upper ends of buckets, at most a
/// quarter too high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Half took no longer.
    pub p50: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
}

impl Latency {
    fn of(histogram: &Histogram) -> Self {
        let counts = histogram.counts();
        let max = histogram.longest();
        Self {
            count: counts.iter().sum(),
            p50: quantile(&counts, 0.5).min(max),
            p99: quantile(&counts, 0.99).min(max),
            max,
        }
    }
}

impl StepSnapshot {
    pub(crate) fn new(
        spec: &StepSpec,
        meter: &StepMeter,
        uptime: Duration,
        inside: Vec<Snapshot>,
    ) -> Self {
        let stopped = meter.stopped.get();
        let started = meter.started.get();
        let succeeded = meter.succeeded.get();
        #[expect(clippy::cast_precision_loss, reason = "a rate is approximate")]
        let rate = succeeded as f64 / uptime.as_secs_f64().max(f64::MIN_POSITIVE);
        Self {
            name: spec.name,
            replicas: spec.replicas,
            started,
            in_flight: started.saturating_sub(stopped),
            succeeded,
            errors: meter.errors.get(),
            timeouts: meter.timeouts.get(),
            panics: meter.panics.get(),
            cancelled: meter.cancelled.get(),
            retries: meter.retries.get(),
            rate,
            duration: Latency::of(&meter.duration),
            inside,
        }
    }
}

impl EdgeSnapshot {
    pub(crate) fn new(spec: &EdgeSpec, lane: &Lane) -> Self {
        let meter: &EdgeMeter = &lane.meter;
        Self {
            from: spec.from,
            to: spec.to,
            capacity: spec.capacity,
            fill: lane.fill(),
            offered: meter.offered.get(),
            taken: meter.taken.get(),
            timed_out: meter.timed_out.get(),
            dropped: meter.dropped.get(),
            blocked: meter.blocked.get(),
            waited: Latency::of(&meter.waited),
        }
    }
}

impl Snapshot {
    /// The step of that name.
    pub fn step(&self, name: &str) -> Option<&StepSnapshot> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// The edge between those two.
    pub fn edge(&self, from: &str, to: &str) -> Option<&EdgeSnapshot> {
        self.edges
            .iter()
            .find(|edge| edge.from == from && edge.to == to)
    }
}

impl fmt::Display for Snapshot {
    /// Tables of steps and edges.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            topology,
            accepted,
            completed,
            failed,
            ended,
            abandoned,
            ..
        } = self;
        writeln!(
            f,
            "{topology}: {accepted} accepted, {completed} completed, {failed} failed, \
             {ended} ended, {abandoned} abandoned\n"
        )?;
        writeln!(
            f,
            "{:<32} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "step", "done", "failed", "retries", "p50", "p99"
        )?;
        for step in &self.steps {
            let failed = step.errors + step.timeouts + step.panics;
            let [p50, p99] = step.duration.show();
            writeln!(
                f,
                "{:<32} {:>9} {failed:>9} {:>9} {p50:>9} {p99:>9}",
                step.name, step.succeeded, step.retries,
            )?;
        }
        write!(
            f,
            "\n{:<32} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "edge", "taken", "lost", "fill", "p50", "p99"
        )?;
        for edge in &self.edges {
            let [p50, p99] = edge.waited.show();
            write!(
                f,
                "\n{:<32} {:>9} {:>9} {:>9} {p50:>9} {p99:>9}",
                format!("{} -> {}", edge.from, edge.to),
                edge.taken,
                edge.timed_out + edge.dropped,
                format!("{}/{}", edge.fill, edge.capacity),
            )?;
        }
        for step in &self.steps {
            for inside in &step.inside {
                write!(f, "\n\ninside {}: {inside}", step.name)?;
            }
        }
        Ok(())
    }
}

impl Latency {
    /// The median and the 99th percentile, as short as a column.
    fn show(&self) -> [String; 2] {
        [self.p50, self.p99].map(|time| {
            if self.count == 0 {
                "-".to_owned()
            } else if time.is_zero() {
                "<1\u{b5}s".to_owned()
            } else {
                format!("{time:.1?}")
            }
        })
    }
}
