//! Fails messages that have waited on their edge too long, even while the steps
//! that should take them are busy.

use std::future::Future as _;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::AnyQueue;
use crate::fate::Delivery;

/// When the next message expires, as far as the queues have said.
#[derive(Default)]
pub(crate) struct Timekeeper {
    armed: Mutex<Option<Instant>>,
    carried: Mutex<Vec<Delivery>>,
    changed: Notify,
}

impl Timekeeper {
    /// Asks to be looked after at `at`.
    pub(crate) fn arm(&self, at: Instant) {
        let mut armed = self.armed();
        if armed.is_none_or(|armed| at < armed) {
            *armed = Some(at);
            drop(armed);
            self.changed.notify_one();
        }
    }

    /// Takes over a wait that nobody else may wait for.
    pub(crate) fn carry(&self, delivery: Delivery) {
        self.carried
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(delivery);
        self.changed.notify_one();
    }

    fn carried(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.carried.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn armed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks after the queues until dropped.
    pub(crate) async fn run(&self, queues: &[Box<dyn AnyQueue>]) {
        let mut couriers = JoinSet::new();
        // A timekeeper before this one may have been stopped in mid-round.
        self.arm(Instant::now());
        loop {
            self.wait(&mut couriers).await;
            for delivery in self.carried() {
                couriers.spawn(delivery.complete());
            }
            let now = Instant::now();
            if self.armed().is_none_or(|armed| now < armed) {
                continue;
            }
            *self.armed() = None;
            for queue in queues {
                let (deliveries, next) = queue.expire(now);
                for delivery in deliveries {
                    couriers.spawn(delivery.complete());
                }
                if let Some(next) = next {
                    self.arm(next);
                }
            }
        }
    }

    /// Waits until it is time, or the time has changed, or a courier is back.
    async fn wait(&self, couriers: &mut JoinSet<()>) {
        let armed = *self.armed();
        let mut changed = pin!(self.changed.notified());
        let mut time = pin!(armed.map(sleep_until));
        std::future::poll_fn(|context| {
            let is_time = time
                .as_mut()
                .as_pin_mut()
                .is_some_and(|time| time.poll(context).is_ready());
            let is_changed = changed.as_mut().poll(context).is_ready();
            let is_back = matches!(couriers.poll_join_next(context), Poll::Ready(Some(_)));
            if is_time || is_changed || is_back {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
