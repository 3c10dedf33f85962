//! Where the messages of one step wait.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Lane, Place};
use crate::fate::{Branch, Delivery};
use crate::step::{Failure, FailureKind, Otherwise, WorkflowStep};
use crate::supervisor::Core;
use crate::telemetry::{Links, spans};

/// The queue of a step, shared by the edges that lead to it and the tasks that
/// take from it.
pub struct Queue<S: WorkflowStep>(pub(super) Arc<Shared<S>>);

pub(super) struct Shared<S: WorkflowStep> {
    pub(super) core: Arc<Core>,
    pub(super) number: usize,
    waiting: Mutex<Waiting<S::Input>>,
    ready: Notify,
    otherwise: OnceLock<Otherwise<S>>,
    pub(super) pass_over: OnceLock<PassOver>,
}

/// What tells the joins behind a join that it was skipped.
pub(super) type PassOver = Box<dyn Fn(&Branch) -> Delivery + Send + Sync>;

struct Waiting<T> {
    items: VecDeque<Waiter<T>>,
    /// No item expires before this.
    next_expiry: Option<Instant>,
    is_closed: bool,
    /// Whether back edges lead here, which are taken from first.
    heads_a_loop: bool,
}

impl<T> Waiting<T> {
    /// The next to start on: of a header's, what came back, from the innermost
    /// loop first.
    fn pop(&mut self) -> Option<Waiter<T>> {
        if !self.heads_a_loop {
            return self.items.pop_front();
        }
        let depth = |waiter: &Waiter<T>| {
            let back = waiter.item.lane.spec.back.as_ref();
            back.map(|back| back.depth + 1)
        };
        let positions = (0..self.items.len()).rev();
        let next = positions.max_by_key(|&position| depth(&self.items[position]))?;
        self.items.remove(next)
    }
}

/// A message on an edge, and the place it has there.
pub(crate) struct Waiter<T> {
    place: Place,
    item: Item<T>,
}

/// A message that is offered to an edge.
pub(crate) struct Item<T> {
    pub(super) message: T,
    pub(super) branch: Branch,
    pub(super) lane: Arc<Lane>,
    pub(super) offered: Instant,
    pub(super) expiry: Instant,
    pub(super) links: Links,
}

/// A message that a step starts on.
pub(crate) struct Taken<T> {
    pub(crate) message: T,
    pub(crate) branch: Branch,
    pub(crate) waited: std::time::Duration,
    pub(crate) links: Links,
}

impl<S: WorkflowStep> Clone for Queue<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: WorkflowStep> Queue<S> {
    pub(crate) fn new(core: Arc<Core>, number: usize) -> Self {
        Self(Arc::new(Shared {
            core,
            number,
            waiting: Mutex::new(Waiting {
                items: VecDeque::new(),
                next_expiry: None,
                is_closed: false,
                heads_a_loop: false,
            }),
            ready: Notify::new(),
            otherwise: OnceLock::new(),
            pass_over: OnceLock::new(),
        }))
    }

    /// A back edge leads here.
    pub(super) fn head_a_loop(&self) {
        self.0.waiting().heads_a_loop = true;
    }

    /// Says what becomes of the step's failures. Said once, while wiring.
    pub fn otherwise(&self, otherwise: Otherwise<S>) {
        let _ = self.0.otherwise.set(otherwise);
    }

    /// Says which joins to tell if this one is skipped. Said once, while wiring.
    pub fn pass_over<E>(
        &self,
        edges: &Arc<E>,
        tell: impl Fn(&E, &Branch) -> Delivery + Send + Sync + 'static,
    ) where
        E: Send + Sync + 'static,
    {
        let edges = Arc::downgrade(edges);
        let _ = self
            .0
            .pass_over
            .set(Box::new(move |branch| match edges.upgrade() {
                Some(edges) => tell(&edges, branch),
                None => Delivery::DONE,
            }));
    }

    /// What was said of the step's failures.
    pub(crate) fn policy(&self) -> &Otherwise<S> {
        self.0.otherwise.get_or_init(Otherwise::fail)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.0.core
    }

    pub(crate) fn number(&self) -> usize {
        self.0.number
    }

    /// Puts an item behind the others.
    pub(super) fn push(&self, place: Place, item: Item<S::Input>) {
        let expiry = item.expiry;
        let waiter = Waiter { place, item };
        let mut waiting = self.0.waiting();
        if waiting.is_closed {
            drop(waiting);
            // It goes with everything else that was not taken in time.
            drop(waiter);
            return;
        }
        waiting.items.push_back(waiter);
        let is_first_to_expire = waiting.next_expiry.is_none_or(|next| expiry < next);
        if is_first_to_expire {
            waiting.next_expiry = Some(expiry);
        }
        drop(waiting);
        self.0.ready.notify_one();
        if is_first_to_expire {
            self.0.core.timekeeper.arm(expiry);
        }
    }

    /// Gives the place of the lane's oldest item to this one. What comes back
    /// has no place: the oldest, or the item itself if its lane has nothing
    /// waiting.
    pub(super) fn replace_oldest(&self, item: Item<S::Input>) -> Item<S::Input> {
        let oldest = {
            let mut waiting = self.0.waiting();
            let is_mate = |other: &Waiter<_>| Arc::ptr_eq(&other.item.lane, &item.lane);
            let position = waiting.items.iter().position(is_mate);
            position.and_then(|position| waiting.items.remove(position))
        };
        match oldest {
            Some(Waiter {
                place,
                item: oldest,
            }) => {
                self.push(place, item);
                oldest
            }
            None => item,
        }
    }

    /// Waits for the next message that can be started on. Cancellation safe:
    /// what was not returned is still in the queue.
    pub(crate) async fn take(&self) -> Taken<S::Input> {
        loop {
            match self.next() {
                Some(waiter) => {
                    if let Some(taken) = self.start(waiter).await {
                        return taken;
                    }
                }
                None => self.0.ready.notified().await,
            }
        }
    }

    /// Waits until `most` messages are here, or the oldest has lingered, and
    /// takes up to so many of those that can be started on. Until then they
    /// keep their places, and can expire or be dropped like any other.
    pub(crate) async fn take_batch(&self, most: usize, linger: Duration) -> Vec<Taken<S::Input>> {
        loop {
            self.gathered(most, linger).await;
            let mut batch = Vec::new();
            while batch.len() < most
                && let Some(waiter) = self.next()
            {
                batch.extend(self.start(waiter).await);
            }
            if !batch.is_empty() {
                return batch;
            }
        }
    }

    /// Waits until a batch is full, or its time is over.
    async fn gathered(&self, most: usize, linger: Duration) {
        loop {
            let oldest = {
                let waiting = self.0.waiting();
                if waiting.items.len() >= most {
                    return;
                }
                waiting.items.iter().map(|waiter| waiter.item.offered).min()
            };
            let ready = self.0.ready.notified();
            let Some(end) = oldest.map(|oldest| oldest + linger) else {
                ready.await;
                continue;
            };
            if tokio::time::timeout_at(end, ready).await.is_err() {
                return;
            }
        }
    }

    /// Waits until something waits here. Cancellation safe.
    pub(crate) async fn filled(&self) {
        while self.0.waiting().items.is_empty() {
            self.0.ready.notified().await;
        }
    }

    /// The next message, if there is one that can be started on.
    pub(crate) async fn take_one(&self) -> Option<Taken<S::Input>> {
        match self.next() {
            Some(waiter) => self.start(waiter).await,
            None => None,
        }
    }

    /// The oldest item. If others are left, another task is woken for them: a
    /// wake-up that nobody waited for is stored only once.
    fn next(&self) -> Option<Waiter<S::Input>> {
        let mut waiting = self.0.waiting();
        let item = waiting.pop()?;
        let are_others_left = !waiting.items.is_empty();
        drop(waiting);
        if are_others_left {
            self.0.ready.notify_one();
        }
        Some(item)
    }

    /// Takes an item off its edge, unless its time is up or its message has no
    /// use for it any more.
    async fn start(&self, waiter: Waiter<S::Input>) -> Option<Taken<S::Input>> {
        let Waiter { place, item } = waiter;
        if item.branch.is_cancelled() {
            drop(place);
            let _ = item.branch.discard();
            return None;
        }
        let now = Instant::now();
        if item.expiry <= now {
            item.lane.meter.timed_out();
            self.fail(item, FailureKind::EdgeTimeout).complete().await;
            drop(place);
            return None;
        }
        drop(place);
        let time = now.duration_since(item.offered);
        item.lane.meter.taken(time);
        Some(Taken {
            message: item.message,
            branch: item.branch,
            waited: time,
            links: item.links,
        })
    }

    /// Sends a message that was not started on where failures of the step go.
    pub(super) fn fail(&self, item: Item<S::Input>, kind: FailureKind) -> Delivery {
        let Item {
            message, branch, ..
        } = item;
        let kind = branch.scope().lateness(Instant::now()).unwrap_or(kind);
        let core = &self.0.core;
        let failure = Failure::new(kind, core.name, core.step_name(self.0.number), 0);
        spans::edge_failure(&branch, &failure);
        self.policy()
            .handle(core, Some(S::kept(message)), failure, branch)
    }

    /// Fails a message that has waited too long. What has to wait for room at
    /// its fallback keeps its place meanwhile.
    fn expire_one(&self, waiter: Waiter<S::Input>) -> Delivery {
        let Waiter { place, item } = waiter;
        if item.branch.is_cancelled() {
            return item.branch.discard();
        }
        item.lane.meter.timed_out();
        let delivery = self.fail(item, FailureKind::EdgeTimeout);
        if delivery.is_done() {
            return Delivery::DONE;
        }
        Delivery::waiting(async move {
            delivery.complete().await;
            drop(place);
        })
    }
}

impl<S: WorkflowStep> Shared<S> {
    fn waiting(&self) -> MutexGuard<'_, Waiting<S::Input>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A queue of whatever messages.
pub(crate) trait AnyQueue: Send + Sync {
    /// Fails what has waited too long, and says when to look again.
    fn expire(&self, now: Instant) -> (Delivery, Option<Instant>);

    /// Drops what waits, and whatever comes from now on.
    fn close(&self);
}

impl<S: WorkflowStep> AnyQueue for Queue<S> {
    fn expire(&self, now: Instant) -> (Delivery, Option<Instant>) {
        let (expired, next) = {
            let mut waiting = self.0.waiting();
            if waiting.next_expiry.is_none_or(|next| now < next) {
                return (Delivery::DONE, waiting.next_expiry);
            }
            let (expired, in_time): (VecDeque<_>, VecDeque<_>) = waiting
                .items
                .drain(..)
                .partition(|waiter| waiter.item.expiry <= now);
            waiting.next_expiry = in_time.iter().map(|waiter| waiter.item.expiry).min();
            waiting.items = in_time;
            (expired, waiting.next_expiry)
        };
        let each = expired.into_iter().map(|waiter| {
            // A message that panics while it is dropped has failed; the others
            // have nothing to do with it.
            let expired = catch_unwind(AssertUnwindSafe(|| self.expire_one(waiter)));
            expired.unwrap_or(Delivery::DONE)
        });
        (each.fold(Delivery::DONE, Delivery::and), next)
    }

    fn close(&self) {
        let items = {
            let mut waiting = self.0.waiting();
            waiting.is_closed = true;
            std::mem::take(&mut waiting.items)
        };
        for item in items {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(item)));
        }
    }
}
