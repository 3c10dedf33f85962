//! The messages that somebody has who is to start on them.

use std::collections::VecDeque;
use std::sync::Arc;

use super::queue::{Item, Lanes};
use super::{Lane, Queue};
use crate::fate::Branch;
use crate::step::WorkflowStep;
use crate::telemetry::{Tick, Writer};

/// Messages that a task has, or whoever works at its station.
pub(crate) struct Held<S: WorkflowStep> {
    pub(super) lanes: Lanes,
    pub(super) items: VecDeque<Item<S::Input>>,
    /// By edge: the places of messages that were started on.
    pub(super) started: Box<[usize]>,
    pub(super) writer: Writer,
}

impl<S: WorkflowStep> Held<S> {
    /// `is_alone` if nobody else starts on messages of the queue meanwhile.
    pub(crate) fn new(queue: &Queue<S>, is_alone: bool) -> Self {
        Self {
            writer: queue.writer(is_alone),
            lanes: Arc::clone(queue.0.lanes()),
            items: VecDeque::new(),
            started: vec![0; queue.0.lanes().len()].into(),
        }
    }

    /// Takes these in exchange for what is here.
    pub(crate) fn swap(&mut self, items: &mut VecDeque<Item<S::Input>>) {
        std::mem::swap(&mut self.items, items);
    }

    /// Starts on the next message, if that is possible and nothing about it is out of
    /// the ordinary: it is to be [taken](Self::take_started).
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    pub(crate) fn starts_on_ordinary(&mut self, at: Tick, does_somebody_listen: bool) -> bool {
        let Some(item) = self.items.front() else {
            return false;
        };
        let lane = &*self.lanes[item.lane as usize];
        let is_in_time = at < item.branch.at.plus(lane.timeout);
        if !is_in_time || !item.branch.is_ordinary(does_somebody_listen) || !item.links.are_none() {
            return false;
        }
        let started = &mut self.started[item.lane as usize];
        start_plainly(started, lane, self.writer, at.since(item.branch.at));
        true
    }

    /// The same of one that is [shown](Self::is_next_shown): for how many nanoseconds it
    /// has waited.
    pub(crate) fn starts_on_shown(&mut self, at: Tick) -> Option<u64> {
        let item = self.items.front()?;
        let lane = &*self.lanes[item.lane as usize];
        let waited = at.since(item.branch.at);
        if waited >= lane.timeout {
            return None;
        }
        let started = &mut self.started[item.lane as usize];
        start_plainly(started, lane, self.writer, waited);
        Some(waited)
    }

    /// Whether the next message is ordinary, but that somebody looks at its spans.
    pub(crate) fn is_next_shown(&self, does_somebody_listen: bool) -> bool {
        self.items
            .front()
            .is_some_and(|item| item.branch.is_shown(does_somebody_listen) && item.links.are_none())
    }

    /// What was started on, which has no links.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    pub(crate) fn take_started(&mut self) -> Option<(S::Input, Branch)> {
        let Item {
            message,
            branch,
            links,
            ..
        } = self.items.pop_front()?;
        links.are_dropped();
        Some((message, branch))
    }

    /// Whether nothing is out of the ordinary about the next message, if there is one.
    #[inline]
    pub(crate) fn is_next_ordinary(&self, does_somebody_listen: bool) -> bool {
        self.items.front().is_some_and(|item| {
            item.branch.is_ordinary(does_somebody_listen) && item.links.are_none()
        })
    }

    /// Whether more than one message is here.
    #[inline]
    pub(crate) fn has_several(&self) -> bool {
        self.items.len() > 1
    }

    /// The places of what was started on.
    pub(crate) fn give_back(&mut self) {
        for (lane, started) in self.lanes.iter().zip(&mut self.started) {
            if *started > 0 {
                lane.give_back(std::mem::take(started));
            }
        }
    }
}

/// A message that waited for so many nanoseconds is started on. Half of an edge's places
/// are given back together: whoever waits for room need not wait for the last of them.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
pub(super) fn start_plainly(started: &mut usize, lane: &Lane, writer: Writer, waited: u64) {
    *started += 1;
    if *started >= lane.half {
        lane.give_back(std::mem::take(started));
    }
    lane.meter.taken_as(writer, waited);
}
