//! Edges on which nothing moves, seen before their messages fail.

use std::any::type_name;
use std::sync::atomic::{AtomicBool, Ordering};

use super::queue::Waiting;
use super::{Lane, Queue};
use crate::step::WorkflowStep;
use crate::telemetry::{AtomicTick, Seldom, Tick, spans};

/// What the timekeeper has seen of an edge.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Whether there was no place left when it looked last, and since when.
    is_full: AtomicBool,
    full_since: AtomicTick,
    seldom: Seldom,
}

/// An edge that stalls.
pub(crate) struct Stall<'a> {
    pub(crate) lane: &'a Lane,
    /// For how long its oldest message has been on its way here, in nanoseconds.
    pub(crate) oldest: u64,
    /// For how long it has been full whenever it was looked at.
    pub(crate) full: u64,
    /// The type of its messages.
    pub(crate) message: &'static str,
}

impl Watch {
    /// For how long the edge has been full whenever it was looked at, in
    /// nanoseconds. Only the timekeeper looks.
    fn full(&self, is_full: bool, now: Tick) -> u64 {
        if !self.is_full.swap(is_full, Ordering::Relaxed) {
            self.full_since.set(now);
        }
        if is_full {
            now.since(self.full_since.get())
        } else {
            0
        }
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// For how long the oldest message of each edge has been on its way here, in
    /// nanoseconds.
    pub(super) fn ages(&self, waiting: &Waiting<S::Input>, now: Tick) -> Vec<u64> {
        let mut ages = vec![0; self.0.lanes().len()];
        for item in &waiting.items {
            let age = now.since(item.branch.at);
            let oldest = &mut ages[item.lane as usize];
            *oldest = age.max(*oldest);
        }
        ages
    }

    /// Reports the edges that stall: from half of their timeout on, so that there
    /// is time to do something about it.
    pub(super) fn report_stalls(&self, ages: &[u64], now: Tick) {
        for (lane, oldest) in self.0.lanes().iter().zip(ages) {
            let is_full = lane.fill() >= lane.spec.capacity;
            let full = lane.watch.full(is_full, now);
            let stalls = *oldest >= lane.patience || full >= lane.patience;
            if stalls && lane.watch.seldom.is_due(now) {
                let stall = Stall {
                    lane,
                    oldest: *oldest,
                    full,
                    message: type_name::<S::Input>(),
                };
                spans::edge_stalls(self.core().name, &stall);
            }
        }
    }
}
