//! Waiting for the rate of a step: what waits for it is on the edge.

use tokio::time::sleep_until;

use super::Queue;
use super::queue::Item;
use crate::step::{Limiter, WorkflowStep};

impl<S: WorkflowStep> Queue<S> {
    /// What keeps the step below its rate, if it has one.
    pub(super) fn limiter(&self) -> Option<&Limiter> {
        self.0.core.limiters[self.0.number].as_ref()
    }

    /// The next message, if one may be started on now. One that is not started on,
    /// because it comes too late, is no attempt.
    #[cold]
    pub(super) fn next_below(&self, limiter: &Limiter) -> Option<Item<S::Input>> {
        let now = self.0.core.clock.now();
        if !limiter.begin(now) {
            return None;
        }
        let item = self.next();
        let starts = |item: &Item<S::Input>| !item.branch.is_cancelled() && now < self.expiry(item);
        if !item.as_ref().is_some_and(starts) {
            limiter.take_back(now);
        }
        item
    }

    /// Waits until a message may be started on, if it must; `false` if it need not.
    pub(super) async fn waits_for_rate(&self) -> bool {
        let next = self.limiter().and_then(|limiter| {
            let clock = &self.0.core.clock;
            clock.instant(limiter.next(clock.now())?)
        });
        match next {
            Some(next) => {
                sleep_until(next).await;
                true
            }
            None => false,
        }
    }
}
