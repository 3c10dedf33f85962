//! The end of what waits: too long, or for nobody any more.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Waker;

use super::queue::Item;
use super::{Place, Queue, Seats};
use crate::fate::{Delivery, drop_with_care};
use crate::step::{FailureKind, WorkflowStep};
use crate::telemetry::Tick;

/// A queue of whatever messages.
pub(crate) trait AnyQueue: Send + Sync {
    /// Fails what has waited too long, reports what has for half of its time, and
    /// says when to look again.
    fn expire(&self, now: Tick) -> (Delivery, Option<Tick>);

    /// Drops what waits, and whatever comes from now on.
    fn close(&self);

    /// The number of the step.
    fn step(&self) -> usize;

    /// How many replicas of the step work, where that changes.
    fn replicas(&self) -> Option<usize>;

    /// From now on so many do.
    fn scale(&self, replicas: usize);

    /// Has more of them work, or fewer; `false` if nothing is to be looked at before
    /// something comes.
    fn look_after_replicas(&self, now: Tick) -> bool;
}

impl<S: WorkflowStep> AnyQueue for Queue<S> {
    fn expire(&self, now: Tick) -> (Delivery, Option<Tick>) {
        let (expired, ages, next, woken) = {
            let mut waiting = self.0.waiting();
            if waiting.next_look.is_none_or(|next| now < next) {
                return (Delivery::DONE, waiting.next_look);
            }
            let ages = self.ages(&waiting, now);
            let (mut expired, mut in_time) = (VecDeque::new(), VecDeque::new());
            for item in std::mem::take(&mut waiting.items) {
                if self.expiry(&item) <= now {
                    expired.push_back(item);
                } else {
                    in_time.push_back(item);
                }
            }
            waiting.next_look = self.first_look(in_time.as_slices().into(), now);
            waiting.is_unsure = true;
            waiting.items = in_time;
            // What is gone may have kept others from being started on.
            let woken = waiting.seats.as_mut().map(Seats::sleepers);
            (expired, ages, waiting.next_look, woken)
        };
        woken.into_iter().flatten().for_each(Waker::wake);
        self.report_stalls(&ages, now);
        let mut all = Delivery::DONE;
        for item in expired {
            // A message that panics while it is dropped has failed; the others
            // have nothing to do with it.
            let expired = catch_unwind(AssertUnwindSafe(|| self.expire_one(item)));
            all = all.and(expired.unwrap_or(Delivery::DONE));
        }
        (all, next)
    }

    fn close(&self) {
        let items = {
            let mut waiting = self.0.waiting();
            waiting.is_closed = true;
            std::mem::take(&mut waiting.items)
        };
        self.give_up(items);
    }

    fn step(&self) -> usize {
        self.number()
    }

    fn replicas(&self) -> Option<usize> {
        self.open_seats()
    }

    fn scale(&self, replicas: usize) {
        self.set_seats(replicas);
    }

    fn look_after_replicas(&self, now: Tick) -> bool {
        self.look_after_seats(now)
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// Fails a message that has waited too long. What has to wait for room at
    /// its fallback keeps its place meanwhile.
    fn expire_one(&self, item: Item<S::Input>) -> Delivery {
        let place = Place::of(Arc::clone(self.lane(&item)));
        if item.branch.is_cancelled() {
            return item.branch.discard();
        }
        if let Some(lane) = place.lane() {
            lane.meter.timed_out();
        }
        let delivery = self.fail(item, FailureKind::EdgeTimeout);
        if delivery.is_done() {
            return Delivery::DONE;
        }
        Delivery::waiting(async move {
            delivery.complete().await;
            drop(place);
        })
    }

    /// Drops items that nobody takes any more: one that panics then does not
    /// keep the others.
    pub(super) fn give_up(&self, items: VecDeque<Item<S::Input>>) {
        for item in items {
            let place = Place::of(Arc::clone(self.lane(&item)));
            drop_with_care(item);
            drop(place);
        }
    }
}
