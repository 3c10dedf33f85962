//! Replicas that become more while much waits, and fewer while little does.

use std::collections::VecDeque;
use std::task::Waker;

use super::Queue;
use super::queue::{Item, Waiting};
use crate::step::WorkflowStep;
use crate::telemetry::Tick;

/// How many replicas of a step work.
#[derive(Debug, Default)]
pub(super) struct Scale {
    /// Whether somebody looks now and then: not while nothing would come of it.
    is_watched: bool,
    /// Since when some replica has had nothing to do.
    idle_since: Option<Tick>,
}

/// How long some replica has nothing to do before there is one less, in
/// nanoseconds.
const LONG: u64 = 1_000_000_000;

impl<S: WorkflowStep> Queue<S> {
    /// How many replicas work, where that changes.
    pub(super) fn open_seats(&self) -> Option<usize> {
        let (least, most) = self.range();
        let waiting = self.0.waiting();
        let seats = waiting.seats.as_ref()?;
        (least < most).then(|| seats.open())
    }

    /// From now on so many replicas work.
    pub(super) fn set_seats(&self, replicas: usize) {
        let mut waiting = self.0.waiting();
        let Some(seats) = &mut waiting.seats else {
            return;
        };
        seats.set_open(replicas);
        let woken = seats.sleepers();
        waiting.scale.idle_since = None;
        let has_slept = !std::mem::replace(&mut waiting.scale.is_watched, true);
        drop(waiting);
        woken.into_iter().for_each(Waker::wake);
        if has_slept {
            self.core().scaling.notify_one();
        }
    }

    /// Looks whether there should be more replicas, or fewer; `false` if nothing can
    /// change before something comes.
    ///
    /// There are twice as many, within the range, if an edge is more than half full or
    /// a message has waited for more than a quarter of its time; and one less if some
    /// have had nothing to do for a while.
    pub(super) fn look_after_seats(&self, now: Tick) -> bool {
        let (least, most) = self.range();
        if least == most {
            return false;
        }
        let mut guard = self.0.waiting();
        let waiting = &mut *guard;
        if !waiting.scale.is_watched {
            return false;
        }
        let Some(seats) = &mut waiting.seats else {
            return false;
        };
        let is_pressed = self.is_pressed(&waiting.items, now);
        let open = seats.open();
        let is_idle = !is_pressed && seats.has_idle();
        let since = *waiting.scale.idle_since.get_or_insert(now);
        let wanted = if is_pressed {
            most.min(open * 2)
        } else if is_idle && now.since(since) >= LONG {
            least.max(open - 1)
        } else {
            open
        };
        if !is_idle || wanted != open {
            waiting.scale.idle_since = None;
        }
        let mut woken = Vec::new();
        if wanted != open {
            seats.set_open(wanted);
            woken = seats.sleepers();
        }
        let is_watched = wanted > least || !waiting.items.is_empty();
        waiting.scale.is_watched = is_watched;
        drop(guard);
        woken.into_iter().for_each(Waker::wake);
        is_watched
    }

    /// Whether more waits, or for longer, than should.
    fn is_pressed(&self, items: &VecDeque<Item<S::Input>>, now: Tick) -> bool {
        for lane in self.0.lanes().iter() {
            if lane.fill() * 2 > lane.spec.capacity {
                return true;
            }
        }
        for item in items {
            if now.since(item.branch.at) > self.lane(item).timeout / 4 {
                return true;
            }
        }
        false
    }

    /// Something has come: somebody is to look.
    pub(super) fn is_to_be_watched(&self, waiting: &mut Waiting<S::Input>) -> bool {
        let (least, most) = self.range();
        least < most && !std::mem::replace(&mut waiting.scale.is_watched, true)
    }

    fn range(&self) -> (usize, usize) {
        let spec = self.core().spec(self.number());
        (spec.least, spec.replicas)
    }
}
