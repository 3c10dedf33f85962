//! Replicas that do not take whatever comes: which of them starts on what, and
//! whom to wake for it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::Queue;
use super::key::Key;
use super::queue::{Item, Waiting};
use crate::step::WorkflowStep;

/// The replicas of a step whose messages have keys.
pub(crate) struct Seats(Box<[Seat]>);

/// One replica.
#[derive(Default)]
struct Seat {
    /// Of the messages that it works on.
    keys: Vec<Key>,
    /// While it waits for others.
    asleep: Option<Waker>,
}

impl Seats {
    pub(crate) fn of(replicas: usize) -> Self {
        Self(
            std::iter::repeat_with(Seat::default)
                .take(replicas)
                .collect(),
        )
    }

    /// Whether the replica may start on a message with that key: the key is its own,
    /// and no message is worked on that came before with it.
    pub(super) fn takes(&self, replica: usize, key: Key) -> bool {
        key.replica(self.0.len()) == replica && !self.0[replica].keys.contains(&key)
    }

    /// The replica starts on a message with that key.
    pub(super) fn starts(&mut self, replica: usize, key: Key) {
        self.0[replica].keys.push(key);
    }

    /// Whom to wake for a message with that key.
    #[must_use = "it is not woken yet"]
    pub(super) fn whom(&mut self, key: Key) -> Option<Waker> {
        let replica = key.replica(self.0.len());
        self.0[replica].asleep.take()
    }

    /// Whoever sleeps.
    #[must_use = "they are not woken yet"]
    pub(super) fn all(&mut self) -> Vec<Waker> {
        let asleep = self.0.iter_mut().filter_map(|seat| seat.asleep.take());
        asleep.collect()
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
            seats.0[self.queue.1].asleep = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

impl<S: WorkflowStep, E> Drop for Seated<'_, S, E> {
    fn drop(&mut self) {
        if let Some(seats) = &mut self.queue.0.waiting().seats {
            seats.0[self.queue.1].asleep = None;
        }
    }
}

impl<T> Waiting<T> {
    /// What that replica may start on.
    pub(super) fn own(&self, replica: usize) -> impl Iterator<Item = &Item<T>> {
        let own = move |item: &&Item<T>| match &self.seats {
            Some(seats) => seats.takes(replica, item.key),
            None => true,
        };
        self.items.iter().filter(own)
    }

    /// Whether it may start on anything.
    pub(super) fn has_some(&self, replica: usize) -> bool {
        self.own(replica).next().is_some()
    }

    /// Whether that is so many at least.
    pub(super) fn has(&self, replica: usize, most: usize) -> bool {
        match &self.seats {
            Some(_) => self.own(replica).nth(most - 1).is_some(),
            None => self.items.len() >= most,
        }
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// The oldest of the replica's own: of a loop's header, what came back, from the
    /// innermost loop first.
    pub(super) fn pop_own(&self, waiting: &mut Waiting<S::Input>) -> Option<Item<S::Input>> {
        let Waiting { items, seats, .. } = waiting;
        let seats = seats.as_mut()?;
        let own = |position: &usize| seats.takes(self.1, items[*position].key);
        let mut positions = (0..items.len()).filter(own);
        let next = if self.is_header() {
            positions
                .rev()
                .max_by_key(|&position| self.depth(&items[position]))
        } else {
            positions.next()
        }?;
        seats.starts(self.1, items[next].key);
        items.remove(next)
    }

    /// Whether messages come back to it.
    fn is_header(&self) -> bool {
        let mut lanes = self.0.lanes().iter();
        lanes.any(|lane| lane.spec.back.is_some())
    }

    /// The replica has done all that it took, and handed it on.
    pub(super) fn is_done(&self) {
        if self.0.has_seats
            && let Some(seats) = &mut self.0.waiting().seats
        {
            seats.0[self.1].keys.clear();
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
