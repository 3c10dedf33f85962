//! A topology's numbers at one moment.

use std::time::Duration;

use super::{EdgeMeter, Latency, StepMeter};
use crate::boundary::Isolation;
use crate::budget::Specs;
use crate::edge::{EdgeSpec, Lane};
use crate::step::StepSpec;
use crate::supervisor::Core;

/// What a topology has done and is doing, as plain data.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    /// How long messages took from the moment they were offered to their fate,
    /// whichever that was: answered, or all branches at their ends.
    pub latency: Latency,
    /// Each step, in the order of their first mention.
    pub steps: Vec<StepSnapshot>,
    /// Each edge with a queue, in the order they were drawn.
    pub edges: Vec<EdgeSnapshot>,
    /// Each boundary, in the order in which they are written.
    pub boundaries: Vec<BoundarySnapshot>,
    /// Each task of a step, in the order in which they began.
    pub tasks: Vec<TaskSnapshot>,
}

/// What one task is at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TaskSnapshot {
    /// The step that it runs; of several that call one another, the first.
    pub step: &'static str,
    /// Which of the step's replicas it is, counted from 0.
    pub replica: usize,
    /// The boundary that it runs in.
    pub boundary: Option<&'static str>,
    /// How often it was started again; of a source, how often its stream was made anew.
    pub restarts: u64,
    /// How the last message failed that it failed on; of a source, how it has failed
    /// last itself, if that was later.
    pub last_failure: Option<String>,
    /// The trace of the message that it is at, if that is sampled. A source is at none;
    /// a task that takes batches, and one of a topology, is at many; and while there is no
    /// subscriber, of most messages only those are said that are waited for.
    pub trace: Option<String>,
}

/// What runs of one boundary.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BoundarySnapshot {
    /// The boundary's name.
    pub name: &'static str,
    /// The boundary that it is inside.
    pub outer: Option<&'static str>,
    /// Whether it is a process; otherwise it has threads.
    pub is_process: bool,
    /// How many threads it has: 0 where it only holds together what is inside;
    /// `None` for a process that has as many as there are processors.
    pub threads: Option<usize>,
    /// The system's number of the process; `None` while there is none, and for
    /// threads.
    pub pid: Option<u32>,
    /// How often a process was started in the place of another.
    pub restarts: u64,
    /// How the last process ended, if one has.
    pub last_end: Option<String>,
}

/// The numbers of one step.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StepSnapshot {
    /// The step's name in the topology.
    pub name: &'static str,
    /// Whether it is a source: its duration is how long its stream took to give a
    /// message that was there.
    pub is_source: bool,
    /// The boundary that it runs in; `None` if it runs on the runtime's threads.
    pub boundary: Option<&'static str>,
    /// How many tasks work on messages at the same time: now, where their number
    /// changes.
    pub replicas: usize,
    /// How many messages it works on at once, at most: its replicas, each with as
    /// many as it takes together.
    pub at_once: usize,
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
    /// Attempts: the first at each message, and those after it.
    pub attempts: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Messages it ended well on, per second since the start.
    pub rate: f64,
    /// How long it works on a message, all attempts together. As long as messages take
    /// less than a microsecond, up to 8 are timed together: if that turns out to take
    /// longer, it counts as the time of one of them.
    pub duration: Latency,
    /// Of a step that is a topology: the numbers inside, one set for each
    /// replica.
    pub inside: Vec<Snapshot>,
}

/// The numbers of one edge.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    /// The most places that were taken at once, those of messages that a task was
    /// about to bring included.
    pub fullest: usize,
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
    /// How long they waited for room, all together: those that still wait are not
    /// in it.
    pub blocked_for: Duration,
    /// How long messages spent on it, the time they waited for room included, but not
    /// that of those which they are timed together with.
    pub waited: Latency,
}

impl TaskSnapshot {
    pub(crate) fn all(specs: &Specs, core: &Core) -> Vec<Self> {
        let tasks = core.registry.all().into_iter();
        let tasks = tasks.map(|task| {
            let spec = &specs.steps[task.step];
            Self {
                step: spec.name,
                replica: task.replica,
                boundary: spec.boundary.map(|number| specs.boundaries[number].name),
                restarts: task.restarts,
                last_failure: task.post.failure(),
                trace: task.post.trace().map(|trace| trace.to_string()),
            }
        });
        tasks.collect()
    }
}

impl BoundarySnapshot {
    pub(crate) fn new(specs: &Specs, number: usize, core: &Core) -> Self {
        let spec = &specs.boundaries[number];
        let snapshot = Self {
            name: spec.name,
            outer: spec.outer.map(|outer| specs.boundaries[outer].name),
            is_process: spec.isolation == Isolation::Process,
            threads: match spec.isolation {
                Isolation::Thread if !specs.has_threads(number) => Some(0),
                Isolation::Thread => Some(spec.thread_count()),
                Isolation::Process => spec.threads,
            },
            pid: None,
            restarts: 0,
            last_end: None,
        };
        #[cfg(feature = "process")]
        if let Some(gate) = &core.gates[number] {
            return Self {
                pid: gate.pid(),
                restarts: gate.restarted(),
                last_end: gate.last_end(),
                ..snapshot
            };
        }
        let _ = core;
        snapshot
    }
}

impl StepSnapshot {
    pub(crate) fn new(
        (spec, boundary): (&StepSpec, Option<&'static str>),
        replicas: usize,
        meter: &StepMeter,
        uptime: Duration,
        inside: Vec<Snapshot>,
    ) -> Self {
        let (stopped, succeeded) = meter.all_stopped();
        let started = meter.started.get();
        #[expect(clippy::cast_precision_loss, reason = "a rate is approximate")]
        let rate = succeeded as f64 / uptime.as_secs_f64().max(f64::MIN_POSITIVE);
        Self {
            name: spec.name,
            is_source: meter.is_source(),
            boundary,
            replicas,
            at_once: spec.at_once(replicas),
            started,
            in_flight: started.saturating_sub(stopped),
            succeeded,
            errors: meter.errors.get(),
            timeouts: meter.timeouts.get(),
            panics: meter.panics.get(),
            cancelled: meter.cancelled.get(),
            attempts: started + meter.retries.get(),
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
            fullest: usize::try_from(meter.fullest()).unwrap_or(usize::MAX),
            offered: meter.all_offered(),
            taken: meter.all_taken(),
            timed_out: meter.timed_out.get(),
            dropped: meter.dropped.get(),
            blocked: meter.blocked.get(),
            blocked_for: Duration::from_nanos(meter.blocked_for.get()),
            waited: meter.waits(),
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
