//! Counters of steps and edges.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::histogram::Histogram;
use crate::step::FailureKind;

/// A number that only this file counts up.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What happens at a step.
#[derive(Default)]
pub(crate) struct StepMeter {
    pub(crate) started: Counter,
    pub(crate) stopped: Counter,
    pub(crate) succeeded: Counter,
    pub(crate) errors: Counter,
    pub(crate) timeouts: Counter,
    pub(crate) panics: Counter,
    pub(crate) cancelled: Counter,
    pub(crate) retries: Counter,
    pub(crate) duration: Histogram,
}

impl StepMeter {
    /// Counts a message as worked on until the guard is dropped.
    pub(crate) fn start(&self) -> Working<'_> {
        self.started.add();
        Working {
            meter: self,
            started: Instant::now(),
        }
    }

    /// Counts work that turned out to be a message's.
    pub(crate) fn worked(&self, took: Duration) {
        self.started.add();
        self.stopped.add();
        self.duration.record(took);
    }

    pub(crate) fn succeeded(&self) {
        self.succeeded.add();
    }

    pub(crate) fn cancelled(&self) {
        self.cancelled.add();
    }

    pub(crate) fn retried(&self) {
        self.retries.add();
    }

    pub(crate) fn failed(&self, kind: &FailureKind) {
        match kind {
            FailureKind::Timeout | FailureKind::Deadline => self.timeouts.add(),
            FailureKind::Panic(_) => self.panics.add(),
            _ => self.errors.add(),
        }
    }
}

/// A message that a step works on.
pub(crate) struct Working<'a> {
    meter: &'a StepMeter,
    started: Instant,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.meter.stopped.add();
        self.meter.duration.record(self.started.elapsed());
    }
}

/// What happens on an edge.
#[derive(Default)]
pub(crate) struct EdgeMeter {
    pub(crate) offered: Counter,
    pub(crate) taken: Counter,
    pub(crate) timed_out: Counter,
    pub(crate) dropped: Counter,
    pub(crate) blocked: Counter,
    pub(crate) waited: Histogram,
}

impl EdgeMeter {
    pub(crate) fn offered(&self) {
        self.offered.add();
    }

    pub(crate) fn taken(&self, waited: Duration) {
        self.taken.add();
        self.waited.record(waited);
    }

    pub(crate) fn timed_out(&self) {
        self.timed_out.add();
    }

    pub(crate) fn dropped(&self) {
        self.dropped.add();
    }

    pub(crate) fn blocked(&self) {
        self.blocked.add();
    }
}
