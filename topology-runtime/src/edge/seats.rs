//! Replicas that do not take whatever comes: which of them starts on what, how many
//! work, and whom to wake for it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::Queue;
use super::key::Key;
use super::queue::{Item, Waiting};
use super::sleep::Enough;
use crate::step::{StepSpec, WorkflowStep};
use crate::telemetry::Tick;

/// The replicas of a step whose messages have keys, or whose number changes.
pub(crate) struct Seats {
    all: Box<[Seat]>,
    /// So many of them work, the first ones.
    open: usize,
    is_keyed: bool,
}

/// One replica.
#[derive(Default)]
struct Seat {
    /// Of the messages that it works on.
    keys: Vec<Key>,
    /// While it waits for others.
    asleep: Option<Waker>,
}

impl Seats {
    /// `None` if any replica may take any message.
    pub(crate) fn of(spec: &StepSpec) -> Option<Self> {
        let seats = std::iter::repeat_with(Seat::default).take(spec.replicas);
        spec.has_seats().then(|| Self {
            all: seats.collect(),
            open: spec.least,
            is_keyed: spec.is_keyed,
        })
    }

    /// How many replicas work.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// From now on so many replicas work. Keys that move with that wait until those
    /// who had them have done what they began.
    pub(super) fn set_open(&mut self, open: usize) {
        self.open = open;
    }

    /// Whether a replica that works has nothing to do.
    pub(super) fn has_idle(&self) -> bool {
        let mut open = self.all[..self.open].iter();
        open.any(|seat| seat.asleep.is_some())
    }

    /// Whether the replica may start on a message with that key: the key is its own,
    /// and no message is worked on that came before with it.
    fn takes(&self, replica: usize, key: Key) -> bool {
        if !self.is_keyed {
            return replica < self.open;
        }
        key.replica(self.open) == replica && !self.all.iter().any(|seat| seat.keys.contains(&key))
    }

    /// The replica starts on a message with that key.
    fn starts(&mut self, replica: usize, key: Key) {
        if self.is_keyed {
            self.all[replica].keys.push(key);
        }
    }

    /// The replica has done all that it took. Whom to wake for the keys that have
    /// moved to others meanwhile.
    #[must_use = "they are not woken yet"]
    fn done(&mut self, replica: usize) -> Vec<Waker> {
        let keys = std::mem::take(&mut self.all[replica].keys);
        let moved = keys.iter().map(|key| key.replica(self.open));
        let moved = moved.filter(|&other| other != replica);
        let woken: Vec<_> = moved.collect();
        woken
            .into_iter()
            .filter_map(|other| self.all[other].asleep.take())
            .collect()
    }

    /// Whom to wake for a message with that key.
    #[must_use = "it is not woken yet"]
    pub(super) fn whom(&mut self, key: Key) -> Option<Waker> {
        if self.is_keyed {
            let replica = key.replica(self.open);
            return self.all[replica].asleep.take();
        }
        let mut open = self.all[..self.open].iter_mut();
        open.find_map(|seat| seat.asleep.take())
    }

    /// Whoever sleeps.
    #[must_use = "they are not woken yet"]
    pub(super) fn sleepers(&mut self) -> Vec<Waker> {
        let asleep = self.all.iter_mut();
        asleep.filter_map(|seat| seat.asleep.take()).collect()
    }
}

/// Waits until enough waits for one replica. Cancellation safe.
pub(super) struct Seated<'q, S: WorkflowStep> {
    pub(super) queue: &'q Queue<S>,
    pub(super) enough: Enough,
}

impl<S: WorkflowStep> Future for Seated<'_, S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut waiting = self.queue.0.waiting();
        if self.queue.is_enough(&waiting, self.enough) {
            return Poll::Ready(());
        }
        if let Some(seats) = &mut waiting.seats {
            seats.all[self.queue.1].asleep = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

impl<S: WorkflowStep> Drop for Seated<'_, S> {
    fn drop(&mut self) {
        if let Some(seats) = &mut self.queue.0.waiting().seats {
            seats.all[self.queue.1].asleep = None;
        }
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// Where a message stands that the replica may start on, from that position on. In
    /// a loop's header nothing is started on before all that came back is taken,
    /// whoever has its key: a loop into which something new comes while something comes
    /// back would be too full.
    fn next_own(
        &self,
        waiting: &Waiting<S::Input>,
        deepest: Option<usize>,
        mut from: usize,
    ) -> Option<usize> {
        while let Some(item) = waiting.items.get(from) {
            let is_turn = deepest.is_none() || self.depth(item) == deepest;
            let takes = |seats: &Seats| seats.takes(self.1, item.key);
            if is_turn && waiting.seats.as_ref().is_none_or(takes) {
                return Some(from);
            }
            from += 1;
        }
        None
    }

    /// How many loops those are inside that came back from the innermost one, where it
    /// matters which replica takes them.
    fn deepest(&self, waiting: &Waiting<S::Input>) -> Option<usize> {
        let mut deepest = None;
        if waiting.seats.is_some() && self.is_header() {
            for item in &waiting.items {
                deepest = deepest.max(self.depth(item));
            }
        }
        deepest
    }

    /// Whether that is so many at least.
    pub(super) fn has(&self, waiting: &Waiting<S::Input>, most: usize) -> bool {
        if waiting.seats.is_none() {
            return waiting.items.len() >= most;
        }
        let (deepest, mut from) = (self.deepest(waiting), 0);
        for _ in 0..most {
            match self.next_own(waiting, deepest, from) {
                Some(position) => from = position + 1,
                None => return false,
            }
        }
        true
    }

    /// When the oldest of them was handed on.
    pub(super) fn oldest(&self, waiting: &Waiting<S::Input>) -> Option<Tick> {
        let (deepest, mut from, mut oldest) = (self.deepest(waiting), 0, None);
        while let Some(position) = self.next_own(waiting, deepest, from) {
            let at = waiting.items[position].branch.at;
            oldest = Some(oldest.map_or(at, |oldest: Tick| oldest.min(at)));
            from = position + 1;
        }
        oldest
    }

    /// The oldest of the replica's own, and whom to wake for what it kept from being
    /// started on.
    pub(super) fn pop_own(
        &self,
        waiting: &mut Waiting<S::Input>,
    ) -> Option<(Item<S::Input>, Vec<Waker>)> {
        let position = self.next_own(waiting, self.deepest(waiting), 0)?;
        let item = waiting.items.remove(position)?;
        let seats = waiting.seats.as_mut()?;
        seats.starts(self.1, item.key);
        let woken = match self.depth(&item) {
            Some(_) => seats.sleepers(),
            None => Vec::new(),
        };
        Some((item, woken))
    }

    /// Whether messages come back to it.
    fn is_header(&self) -> bool {
        let mut lanes = self.0.lanes().iter();
        lanes.any(|lane| lane.spec.back.is_some())
    }

    /// The replica has done all that it took, and handed it on.
    pub(super) fn is_done(&self) {
        if self.0.has_seats {
            let seats = &mut self.0.waiting().seats;
            let woken = seats.as_mut().map(|seats| seats.done(self.1));
            woken.into_iter().flatten().for_each(Waker::wake);
        }
    }
}
