//! Tasks that wait for something to wait for them.
//!
//! Those who put something into a queue wake one task at a time, and only if one
//! sleeps. Whoever takes something wakes the next if more is left.

use std::sync::MutexGuard;
use std::time::Duration;

use tokio::sync::futures::Notified;
use tokio::time::{Instant, timeout_at};

use super::Queue;
use super::queue::Waiting;
use crate::step::WorkflowStep;

/// A task that waits for an item.
struct Sleeper<'q, S: WorkflowStep> {
    asleep: Asleep<'q, S>,
    ready: Notified<'q>,
}

/// Counts a task as waiting until dropped.
struct Asleep<'q, S: WorkflowStep> {
    queue: &'q Queue<S>,
    has_woken: bool,
}

impl<S: WorkflowStep> Sleeper<'_, S> {
    /// Waits until something is put into the queue. Cancellation safe.
    async fn woken(self) {
        let Self { mut asleep, ready } = self;
        ready.await;
        asleep.has_woken = true;
    }
}

impl<S: WorkflowStep> Drop for Asleep<'_, S> {
    fn drop(&mut self) {
        let mut waiting = self.queue.0.waiting();
        waiting.sleepers -= 1;
        let may_have_been_woken = std::mem::take(&mut waiting.is_woken);
        if !self.has_woken {
            // It does not look any more: another has to.
            let is_filled = !waiting.items.is_empty();
            self.queue
                .wake_another(waiting, may_have_been_woken && is_filled);
        }
    }
}

impl<T> Waiting<T> {
    /// Whether a task is to be woken: one at a time, which wakes the next.
    pub(super) fn wakes(&mut self) -> bool {
        let wakes = self.sleepers > 0 && !self.is_woken;
        self.is_woken |= wakes;
        wakes
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// Waits until a batch is full, or its time is over.
    pub(super) async fn gathered(&self, most: usize, linger: Duration) {
        loop {
            let (oldest, sleeper) = {
                let mut waiting = self.0.waiting();
                if waiting.items.len() >= most {
                    return;
                }
                let oldest = waiting.items.iter().map(|item| item.branch.at).min();
                (oldest, self.fall_asleep(&mut waiting))
            };
            let end = oldest.and_then(|oldest| self.0.core.clock.instant(oldest));
            let Some(end) = end.and_then(|oldest: Instant| oldest.checked_add(linger)) else {
                sleeper.woken().await;
                continue;
            };
            if timeout_at(end, sleeper.woken()).await.is_err() {
                return;
            }
        }
    }

    /// Waits until something waits here. Cancellation safe.
    pub(crate) async fn filled(&self) {
        loop {
            let sleeper = {
                let mut waiting = self.0.waiting();
                if !waiting.items.is_empty() {
                    return;
                }
                self.fall_asleep(&mut waiting)
            };
            sleeper.woken().await;
        }
    }

    /// If others are left, another task is woken for them: a wake-up that
    /// nobody waited for is stored only once.
    pub(super) fn wake_another(
        &self,
        mut waiting: MutexGuard<'_, Waiting<S::Input>>,
        are_others_left: bool,
    ) {
        let wakes = are_others_left && waiting.wakes();
        drop(waiting);
        if wakes {
            self.0.ready.notify_one();
        }
    }

    /// Waits until something is put here, unless something is. Cancellation
    /// safe.
    fn fall_asleep<'q>(&'q self, waiting: &mut Waiting<S::Input>) -> Sleeper<'q, S> {
        waiting.sleepers += 1;
        Sleeper {
            asleep: Asleep {
                queue: self,
                has_woken: false,
            },
            ready: self.0.ready.notified(),
        }
    }
}
