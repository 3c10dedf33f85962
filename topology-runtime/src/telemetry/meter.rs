//! Counters of steps and edges.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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
    pub(crate) fn start(&self) {
        self.started.add();
    }

    pub(crate) fn stop(&self, time: Duration) {
        self.stopped.add();
        self.duration.record(time);
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
