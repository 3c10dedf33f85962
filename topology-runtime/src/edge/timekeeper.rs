//! Fails messages that have waited on their edge too long, even while the steps
//! that should take them are busy.

use std::future::Future as _;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::AnyQueue;
use crate::fate::Delivery;
use crate::telemetry::Clock;

/// When the next message expires, as far as the queues have said.
#[derive(Default)]
pub(crate) struct Timekeeper {
    armed: Mutex<Option<Instant>>,
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

    fn armed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks after the queues until dropped. What expired and has to wait for
    /// room at its fallback waits here.
    pub(crate) async fn run(&self, queues: &[Box<dyn AnyQueue>], clock: &Clock) {
        let mut couriers = Delivery::DONE;
        // A timekeeper before this one may have been stopped in mid-round.
        self.arm(Instant::now());
        loop {
            self.wait(&mut couriers).await;
            let now = Instant::now();
            if self.armed().is_none_or(|armed| now < armed) {
                continue;
            }
            *self.armed() = None;
            for queue in queues {
                let (delivery, next) = queue.expire(clock.tick(now));
                couriers = couriers.and(delivery);
                if let Some(next) = next.and_then(|next| clock.instant(next)) {
                    self.arm(next);
                }
            }
        }
    }

    /// Waits until it is time or the time has changed, and lets the couriers go
    /// on meanwhile.
    async fn wait(&self, couriers: &mut Delivery) {
        let armed = *self.armed();
        let mut changed = pin!(self.changed.notified());
        let mut time = pin!(armed.map(sleep_until));
        std::future::poll_fn(|context| {
            couriers.go_on(context);
            let is_time = time
                .as_mut()
                .as_pin_mut()
                .is_some_and(|time| time.poll(context).is_ready());
            let is_changed = changed.as_mut().poll(context).is_ready();
            if is_time || is_changed {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
