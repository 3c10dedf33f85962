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
use super::seats::Seated;
use crate::step::WorkflowStep;
use crate::telemetry::Tick;

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

/// What a task waits for.
#[derive(Clone, Copy)]
pub(super) enum Enough {
    /// So many messages.
    Messages(usize),
    /// The same, or that the oldest is another than this one.
    Change { most: usize, oldest: Option<Tick> },
}

/// Waits until enough waits in a queue. Cancellation safe.
struct Until<'q, S: WorkflowStep> {
    queue: &'q Queue<S>,
    enough: Enough,
    sleeper: Sleeper,
}

impl<S: WorkflowStep> Future for Until<'_, S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut waiting = this.queue.0.waiting();
        if this.queue.is_enough(&waiting, this.enough) {
            waiting.sleepers.get_up(&mut this.sleeper);
            return Poll::Ready(());
        }
        waiting.sleepers.looks();
        waiting.sleepers.fall_asleep(&mut this.sleeper, context);
        Poll::Pending
    }
}

impl<S: WorkflowStep> Drop for Until<'_, S> {
    fn drop(&mut self) {
        self.queue.leave(&mut self.sleeper);
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// Waits until something waits here that may be started on. Cancellation safe.
    pub(crate) async fn filled(&self) {
        self.is_done();
        loop {
            self.waits_until(Enough::Messages(1)).await;
            if !self.waits_for_rate().await {
                return;
            }
        }
    }

    /// Waits until a batch is full, or its time is over.
    pub(super) async fn gathered(&self, most: usize, linger: Duration) {
        loop {
            let seen = {
                let waiting = self.0.waiting();
                if self.has(&waiting, most) {
                    return;
                }
                self.oldest(&waiting)
            };
            let oldest = seen;
            let changed = self.waits_until(Enough::Change { most, oldest });
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

    async fn waits_until(&self, enough: Enough) {
        if self.0.has_seats {
            Seated {
                queue: self,
                enough,
            }
            .await;
        } else {
            Until {
                queue: self,
                enough,
                sleeper: Sleeper::default(),
            }
            .await;
        }
    }

    pub(super) fn is_enough(&self, waiting: &Waiting<S::Input>, enough: Enough) -> bool {
        match enough {
            Enough::Messages(most) => self.has(waiting, most),
            Enough::Change { most, oldest } => {
                self.has(waiting, most) || self.oldest(waiting) != oldest
            }
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
