//! Tasks that wait for something to wait for them.
//!
//! Those who put something into a queue wake one task at a time, and only if one
//! sleeps. Whoever takes something wakes the next if more is left.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::MutexGuard;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Queue;
use super::queue::Waiting;
use crate::step::WorkflowStep;

/// The tasks that sleep at a queue, the longest first.
#[derive(Default)]
pub(super) struct Sleepers {
    asleep: VecDeque<(u64, Waker)>,
    /// One of them has been woken, and has not looked yet.
    is_one_woken: bool,
    /// How many have ever fallen asleep here.
    ever: u64,
}

/// One of them, if it has fallen asleep.
#[derive(Default)]
pub(super) struct Sleeper(Option<u64>);

impl Sleepers {
    /// Whom to wake for what has come.
    #[must_use = "it is not woken yet"]
    pub(super) fn next(&mut self) -> Option<Waker> {
        if self.is_one_woken {
            return None;
        }
        let (_, waker) = self.asleep.pop_front()?;
        self.is_one_woken = true;
        Some(waker)
    }

    /// A task looks at what is there.
    pub(super) fn looks(&mut self) {
        self.is_one_woken = false;
    }

    /// A task has found nothing.
    pub(super) fn fall_asleep(&mut self, sleeper: &mut Sleeper, context: &Context<'_>) {
        let number = *sleeper.0.get_or_insert_with(|| {
            self.ever += 1;
            self.ever
        });
        let own = self.asleep.iter_mut().find(|(other, _)| *other == number);
        match own {
            Some((_, waker)) => waker.clone_from(context.waker()),
            None => self.asleep.push_back((number, context.waker().clone())),
        }
    }

    /// A task has found something.
    pub(super) fn get_up(&mut self, sleeper: &mut Sleeper) {
        self.looks();
        if let Some(number) = sleeper.0.take() {
            self.asleep.retain(|(other, _)| *other != number);
        }
    }

    /// A task does not look any more. If it was woken to look, another has to.
    fn leave(&mut self, number: u64, is_filled: bool) -> Option<Waker> {
        let position = self.asleep.iter().position(|(other, _)| *other == number);
        if let Some(position) = position {
            self.asleep.remove(position);
            return None;
        }
        let was_one_woken = std::mem::take(&mut self.is_one_woken);
        (was_one_woken && is_filled).then(|| self.next()).flatten()
    }
}

/// Waits until enough waits in a queue. Cancellation safe.
struct Until<'q, S: WorkflowStep, E> {
    queue: &'q Queue<S>,
    is_enough: E,
    sleeper: Sleeper,
}

impl<S, E> Future for Until<'_, S, E>
where
    S: WorkflowStep,
    E: Fn(&Waiting<S::Input>) -> bool + Unpin,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut waiting = this.queue.0.waiting();
        if (this.is_enough)(&waiting) {
            waiting.sleepers.get_up(&mut this.sleeper);
            return Poll::Ready(());
        }
        waiting.sleepers.looks();
        waiting.sleepers.fall_asleep(&mut this.sleeper, context);
        Poll::Pending
    }
}

impl<S: WorkflowStep, E> Drop for Until<'_, S, E> {
    fn drop(&mut self) {
        self.queue.leave(&mut self.sleeper);
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// Waits until something waits here that may be started on. Cancellation safe.
    pub(crate) async fn filled(&self) {
        self.is_done();
        loop {
            self.waits_until(|waiting| self.has(waiting, 1)).await;
            if !self.waits_for_rate().await {
                return;
            }
        }
    }

    /// Waits until a batch is full, or its time is over.
    pub(super) async fn gathered(&self, most: usize, linger: Duration) {
        let oldest = |waiting: &Waiting<S::Input>| {
            let items = self.own(waiting);
            items.map(|(_, item)| item.branch.at).min()
        };
        let is_full = |waiting: &Waiting<S::Input>| self.has(waiting, most);
        loop {
            let seen = {
                let waiting = self.0.waiting();
                if is_full(&waiting) {
                    return;
                }
                oldest(&waiting)
            };
            let changed = self.waits_until(|waiting| is_full(waiting) || oldest(waiting) != seen);
            let end = seen.and_then(|oldest| self.0.core.clock.instant(oldest));
            match end.and_then(|oldest: Instant| oldest.checked_add(linger)) {
                None => changed.await,
                Some(end) => {
                    if timeout_at(end, changed).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    async fn waits_until(&self, is_enough: impl Fn(&Waiting<S::Input>) -> bool + Unpin) {
        if self.0.has_seats {
            self.seated(is_enough).await;
        } else {
            self.until(is_enough).await;
        }
    }

    fn until<E>(&self, is_enough: E) -> Until<'_, S, E>
    where
        E: Fn(&Waiting<S::Input>) -> bool + Unpin,
    {
        Until {
            queue: self,
            is_enough,
            sleeper: Sleeper::default(),
        }
    }

    /// A task does not look here any more.
    pub(super) fn leave(&self, sleeper: &mut Sleeper) {
        if let Some(number) = sleeper.0.take() {
            let mut waiting = self.0.waiting();
            let is_filled = !waiting.items.is_empty();
            let next = waiting.sleepers.leave(number, is_filled);
            drop(waiting);
            wake(next);
        }
    }
}

/// If others are left, another task is woken for them.
pub(super) fn wake_another<T>(mut waiting: MutexGuard<'_, Waiting<T>>, are_others_left: bool) {
    let next = are_others_left.then(|| waiting.sleepers.next()).flatten();
    drop(waiting);
    wake(next);
}

/// Wakes a task. Not while the queue is held: it would look there at once.
pub(super) fn wake(sleeper: Option<Waker>) {
    if let Some(sleeper) = sleeper {
        sleeper.wake();
    }
}
