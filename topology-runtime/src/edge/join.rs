//! An edge into a join.

use std::any::Any;
use std::sync::Arc;

use super::{Edge, Lane, Queue};
use crate::fate::{Branch, Delivery};
use crate::step::{Join, WorkflowStep};
use crate::telemetry::Links;

/// The way into a join for its part at position `I`.
///
/// A part that comes before its siblings waits with its message; the last one
/// takes them all along, onto its own edge.
pub struct Part<S: WorkflowStep, const I: usize> {
    edge: Edge<S>,
}

/// What has come of one join of one message.
struct Meeting<S: Join> {
    kept: S::Kept,
    /// One bit for each part that has come, or will not.
    arrived: u64,
    /// One bit for each part that has come.
    present: u64,
    links: Links,
}

impl<S: WorkflowStep, const I: usize> Part<S, I> {
    pub(crate) fn new(queue: Queue<S>, lane: Arc<Lane>) -> Self {
        queue.joins();
        Self {
            edge: Edge::new(queue, lane),
        }
    }
}

impl<S: Join, const I: usize> Part<S, I> {
    /// Offers a part.
    pub fn offer(&self, branch: Branch, set: impl FnOnce(&mut S::Kept)) -> Delivery {
        let (span, span_id) = (branch.span().clone(), branch.span_id);
        let lane = Arc::clone(&self.edge.lane);
        self.meet(branch, move |meeting| {
            set(&mut meeting.kept);
            meeting.present |= 1 << I;
            meeting.links.add(I, span, span_id);
            // The last part goes onto the edge with all the others, and is
            // counted there.
            if !meeting.is_last(I) {
                lane.meter.passed();
            }
        })
    }

    /// Says that the part will not come: the branch that would bring it ends.
    pub fn absent(&self, branch: &Branch) -> Delivery {
        let branch = branch.fork();
        self.meet(branch, |meeting| S::skip_part(&mut meeting.kept, I))
    }

    fn meet(&self, branch: Branch, add: impl FnOnce(&mut Meeting<S>)) -> Delivery {
        let complete = {
            let mut meetings = branch.scope().meetings();
            if branch.is_cancelled() {
                drop(meetings);
                return branch.discard();
            }
            let number = self.edge.queue.number();
            let position = meetings.iter().position(|(join, _)| *join == number);
            let position = position.unwrap_or_else(|| {
                meetings.push((number, Box::new(Meeting::<S>::new()) as Box<dyn Any + Send>));
                meetings.len() - 1
            });
            let meeting = meetings[position].1.downcast_mut::<Meeting<S>>();
            meeting.and_then(|meeting| meeting.add(I, add))
        };
        match complete {
            None => branch.discard(),
            Some(meeting) => self.go_on(meeting, branch),
        }
    }

    /// All parts have come, or will not.
    fn go_on(&self, meeting: Meeting<S>, branch: Branch) -> Delivery {
        if meeting.present == 0 {
            let pass_over = self.edge.queue.0.pass_over.get();
            return branch.discard_with(|branch| {
                pass_over.map_or(Delivery::DONE, |pass_over| pass_over(branch))
            });
        }
        match S::complete(meeting.kept) {
            Some(message) => {
                let (span, span_id) = meeting.links.first(&branch);
                let branch = branch.below(span, span_id);
                self.edge.put(message, branch, meeting.links)
            }
            None => branch.discard(),
        }
    }
}

impl<S: Join> Meeting<S> {
    fn new() -> Self {
        Self {
            kept: S::nothing(),
            arrived: 0,
            present: 0,
            links: Links::NONE,
        }
    }

    const ALL: u64 = u64::MAX >> (64 - S::PARTS);

    /// Whether every other part has come, or will not.
    fn is_last(&self, position: usize) -> bool {
        self.arrived | 1 << position == Self::ALL
    }

    /// Adds a part; the whole if it was the last. A part that has come already
    /// changes nothing.
    fn add(&mut self, position: usize, add: impl FnOnce(&mut Self)) -> Option<Self> {
        let bit = 1 << position;
        if self.arrived & bit != 0 {
            return None;
        }
        add(self);
        self.arrived |= bit;
        (self.arrived == Self::ALL).then(|| {
            let gone = Self {
                arrived: Self::ALL,
                ..Self::new()
            };
            std::mem::replace(self, gone)
        })
    }
}
