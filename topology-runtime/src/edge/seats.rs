//! Replicas that do not take whatever comes: which of them starts on what, how many
//! work, and whom to wake for it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::Queue;
use super::key::Key;
use super::queue::{Item, Waiting};
use crate::step::{StepSpec, WorkflowStep};

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
pub(super) struct Seated<'q, S: WorkflowStep, E> {
    queue: &'q Queue<S>,
    is_enough: E,
}

impl<S, E> Future for Seated<'_, S, E>
where
    S: WorkflowStep,
    E: Fn(&Waiting<S::Input>) -> bool,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut waiting = self.queue.0.waiting();
        if (self.is_enough)(&waiting) {
            return Poll::Ready(());
        }
        if let Some(seats) = &mut waiting.seats {
            seats.all[self.queue.1].asleep = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

impl<S: WorkflowStep, E> Drop for Seated<'_, S, E> {
    fn drop(&mut self) {
        if let Some(seats) = &mut self.queue.0.waiting().seats {
            seats.all[self.queue.1].asleep = None;
        }
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// What the replica may start on, and where it stands. In a loop's header nothing
    /// is started on before all that came back is taken, whoever has its key: a loop
    /// into which something new comes while something comes back would be too full.
    pub(super) fn own<'w>(
        &self,
        waiting: &'w Waiting<S::Input>,
    ) -> impl Iterator<Item = (usize, &'w Item<S::Input>)> {
        let depth = |item: &Item<S::Input>| self.depth(item);
        let first = match &waiting.seats {
            Some(_) if self.is_header() => waiting.items.iter().map(depth).max(),
            _ => None,
        };
        let own = move |(_, item): &(usize, &Item<S::Input>)| match &waiting.seats {
            Some(seats) => {
                seats.takes(self.1, item.key) && first.is_none_or(|first| self.depth(item) == first)
            }
            None => true,
        };
        waiting.items.iter().enumerate().filter(own)
    }

    /// Whether that is so many at least.
    pub(super) fn has(&self, waiting: &Waiting<S::Input>, most: usize) -> bool {
        match &waiting.seats {
            Some(_) => self.own(waiting).nth(most - 1).is_some(),
            None => waiting.items.len() >= most,
        }
    }

    /// The oldest of the replica's own, and whom to wake for what it kept from being
    /// started on.
    pub(super) fn pop_own(
        &self,
        waiting: &mut Waiting<S::Input>,
    ) -> Option<(Item<S::Input>, Vec<Waker>)> {
        let (position, _) = self.own(waiting).next()?;
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

    pub(super) fn seated<E>(&self, is_enough: E) -> Seated<'_, S, E>
    where
        E: Fn(&Waiting<S::Input>) -> bool,
    {
        Seated {
            queue: self,
            is_enough,
        }
    }
}
