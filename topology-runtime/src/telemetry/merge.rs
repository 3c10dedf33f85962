//! Numbers of several instances, added.

use super::{EdgeSnapshot, Snapshot, StepSnapshot};

impl Snapshot {
    /// Adds the numbers of another instance of the topology: counts, rates,
    /// replicas, places and distributions are added, step by step and edge by
    /// edge, by name. What this one does not have, because its drawing is another,
    /// is added behind the rest. The uptime is the longer one.
    /// What runs is listed one behind the other.
    pub fn merge(&mut self, other: &Self) {
        self.uptime = self.uptime.max(other.uptime);
        self.accepted += other.accepted;
        self.completed += other.completed;
        self.failed += other.failed;
        self.ended += other.ended;
        self.abandoned += other.abandoned;
        self.late_failures += other.late_failures;
        self.live += other.live;
        self.latency.merge(&other.latency);
        for step in &other.steps {
            match self.steps.iter_mut().find(|own| own.name == step.name) {
                Some(own) => own.merge(step),
                None => self.steps.push(step.clone()),
            }
        }
        for edge in &other.edges {
            let ends = |own: &&mut EdgeSnapshot| (own.from, own.to) == (edge.from, edge.to);
            match self.edges.iter_mut().find(ends) {
                Some(own) => own.merge(edge),
                None => self.edges.push(edge.clone()),
            }
        }
        self.boundaries.extend(other.boundaries.iter().cloned());
        self.tasks.extend(other.tasks.iter().cloned());
    }
}

impl StepSnapshot {
    fn merge(&mut self, other: &Self) {
        self.replicas += other.replicas;
        self.at_once += other.at_once;
        self.started += other.started;
        self.in_flight += other.in_flight;
        self.succeeded += other.succeeded;
        self.errors += other.errors;
        self.timeouts += other.timeouts;
        self.panics += other.panics;
        self.cancelled += other.cancelled;
        self.attempts += other.attempts;
        self.retries += other.retries;
        self.rate += other.rate;
        self.duration.merge(&other.duration);
        self.inside.extend(other.inside.iter().cloned());
    }
}

impl EdgeSnapshot {
    fn merge(&mut self, other: &Self) {
        self.capacity += other.capacity;
        self.fill += other.fill;
        // Not at the same moment: there were never more.
        self.fullest += other.fullest;
        self.offered += other.offered;
        self.taken += other.taken;
        self.timed_out += other.timed_out;
        self.dropped += other.dropped;
        self.blocked += other.blocked;
        self.blocked_for += other.blocked_for;
        self.waited.merge(&other.waited);
    }
}
