//! Counters of steps and edges.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::histogram::{Histogram, add_alone};
use super::{Clock, Latency, Seldom, Tick, nanos};
use crate::padded::Padded;
use crate::step::FailureKind;
use crate::supervisor::Core;

/// A number that only this file counts up.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    #[inline]
    fn add_as(&self, writer: Writer) {
        match writer {
            Writer::Alone => self.add_alone(),
            Writer::OneOfSeveral => self.add(),
        }
    }

    fn add_some(&self, some: u64) {
        self.0.fetch_add(some, Ordering::Relaxed);
    }

    /// Adds where nobody else does at the same time.
    fn add_alone(&self) {
        add_alone(&self.0, 1);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Who counts: what only one task counts costs less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    Alone,
    OneOfSeveral,
}

impl Writer {
    pub(crate) fn of(replicas: usize) -> Self {
        if replicas == 1 {
            Self::Alone
        } else {
            Self::OneOfSeveral
        }
    }
}

/// What happens at a step.
#[derive(Default)]
pub(crate) struct StepMeter {
    pub(crate) started: Counter,
    stopped: Counter,
    succeeded: Counter,
    /// Those that came straight through: stopped, and succeeded.
    passed: Counter,
    pub(crate) errors: Counter,
    pub(crate) timeouts: Counter,
    pub(crate) panics: Counter,
    pub(crate) cancelled: Counter,
    pub(crate) retries: Counter,
    pub(crate) duration: Histogram,
    is_source: AtomicBool,
    held: Seldom,
}

impl StepMeter {
    /// Whether it is to be said now that the step has held its thread for long.
    pub(crate) fn says_held(&self, now: Tick) -> bool {
        self.held.is_due(now)
    }

    /// The step brings messages, and takes none. Said while wiring.
    pub(crate) fn brings(&self) {
        self.is_source.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_source(&self) -> bool {
        self.is_source.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn started(&self, writer: Writer) {
        self.started.add_as(writer);
    }

    #[inline]
    pub(crate) fn stopped(&self, writer: Writer, took: u64) {
        self.stopped.add_as(writer);
        self.duration.record_as(writer, took);
    }

    /// A message has come through; how long that took is [said](Self::took) later.
    /// Where only one task counts.
    #[inline]
    pub(crate) fn passed(&self) {
        self.passed.add_alone();
    }

    /// How many messages the step has stopped working on, and how many of them it has
    /// done.
    pub(crate) fn all_stopped(&self) -> (u64, u64) {
        let passed = self.passed.get();
        (self.stopped.get() + passed, self.succeeded.get() + passed)
    }

    /// So many messages took so many nanoseconds together: all but one of them, no time
    /// to speak of. Where only one task counts.
    #[inline]
    pub(crate) fn took(&self, messages: u32, took: u64) {
        self.duration.record_together(u64::from(messages), took);
    }

    /// Counts work that turned out to be a message's.
    pub(crate) fn worked(&self, writer: Writer, took: u64) {
        self.started(writer);
        self.stopped(writer, took);
    }

    #[inline]
    pub(crate) fn succeeded(&self, writer: Writer) {
        self.succeeded.add_as(writer);
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

/// A message that a step works on: it counts as stopped if this is dropped before
/// anybody has counted it.
pub(crate) struct Working<'c> {
    core: &'c Core,
    step: usize,
    writer: Writer,
    began: Tick,
    is_counted: bool,
}

impl<'c> Working<'c> {
    #[inline]
    pub(crate) fn begin(core: &'c Core, step: usize, writer: Writer, began: Tick) -> Self {
        Self {
            core,
            step,
            writer,
            began,
            is_counted: false,
        }
    }

    /// Whoever works on it counts it. By reference: to move it costs more than to
    /// make it.
    #[inline]
    pub(crate) fn is_counted(&mut self) {
        self.is_counted = true;
    }
}

impl Drop for Working<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.is_counted {
            let took = self.core.clock.now().since(self.began);
            self.core.steps[self.step].stopped(self.writer, took);
        }
    }
}

/// What happens on an edge.
#[derive(Default)]
pub(crate) struct EdgeMeter {
    /// Those that found room at once; changed only by whoever holds the queue.
    pushed: Padded<Counter>,
    /// Those that did not.
    offered: Counter,
    taken: Counter,
    /// Those that went on at once, and waited for nothing: offered, and taken.
    passed: Counter,
    pub(crate) timed_out: Counter,
    pub(crate) dropped: Counter,
    pub(crate) blocked: Counter,
    /// How long they had to, in nanoseconds.
    pub(crate) blocked_for: Counter,
    /// The most places that were taken at once.
    fullest: AtomicU64,
    waited: Histogram,
}

impl EdgeMeter {
    /// Messages found room. Only whoever holds the queue may say so.
    pub(crate) fn pushed(&self, messages: u64) {
        let pushed = self.pushed.get() + messages;
        self.pushed.0.store(pushed, Ordering::Relaxed);
    }

    pub(crate) fn offered(&self) {
        self.offered.add();
    }

    pub(crate) fn offered_some(&self, messages: usize) {
        self.offered.add_some(messages as u64);
    }

    /// A message went on at once.
    pub(crate) fn passed(&self) {
        self.passed.add();
    }

    /// The same, where only one task counts at a time.
    #[inline]
    pub(crate) fn passes(&self) {
        self.passed.add_alone();
    }

    /// All that were offered.
    pub(crate) fn all_offered(&self) -> u64 {
        self.pushed.get() + self.offered.get() + self.passed.get()
    }

    /// All that were taken.
    pub(crate) fn all_taken(&self) -> u64 {
        self.taken.get() + self.passed.get()
    }

    /// How long those that were taken had waited.
    pub(crate) fn waits(&self) -> Latency {
        Latency::with_at_once(&self.waited, self.passed.get())
    }

    pub(crate) fn taken(&self, waited: Duration) {
        self.taken.add();
        self.waited.record(nanos(waited));
    }

    /// The same, where only one task takes.
    #[inline]
    pub(crate) fn taken_as(&self, writer: Writer, waited: u64) {
        self.taken.add_as(writer);
        self.waited.record_as(writer, waited);
    }

    pub(crate) fn timed_out(&self) {
        self.timed_out.add();
    }

    pub(crate) fn dropped(&self) {
        self.dropped.add();
    }

    /// A message waits for room until the guard is dropped.
    pub(crate) fn blocked<'m>(&'m self, clock: &'m Clock) -> Blocked<'m> {
        self.blocked.add();
        Blocked {
            meter: self,
            clock,
            since: clock.now(),
        }
    }

    /// So many places are taken.
    #[inline]
    pub(crate) fn filled(&self, fill: usize) {
        let fill = fill as u64;
        if fill > self.fullest.load(Ordering::Relaxed) {
            self.fullest.fetch_max(fill, Ordering::Relaxed);
        }
    }

    pub(crate) fn fullest(&self) -> u64 {
        self.fullest.load(Ordering::Relaxed)
    }
}

/// A message that waits for room.
pub(crate) struct Blocked<'a> {
    meter: &'a EdgeMeter,
    clock: &'a Clock,
    since: Tick,
}

impl Drop for Blocked<'_> {
    fn drop(&mut self) {
        let waited = self.clock.now().since(self.since);
        self.meter.blocked_for.add_some(waited);
    }
}
