//! The messages that a task has taken from its queue and not started on.
//!
//! Taking all that waits costs one look at the queue, however much that is. What
//! a task has, it starts on right away: as soon as it has to wait for anything
//! else, the rest goes back to where other tasks, and the timekeeper, find it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;

use super::queue::Item;
use super::{Queue, Taken};
use crate::step::WorkflowStep;
use crate::telemetry::{Tick, Writer};

pub(crate) struct Inbox<S: WorkflowStep> {
    queue: Queue<S>,
    items: VecDeque<Item<S::Input>>,
    /// By edge: the places of messages that were started on.
    started: Box<[usize]>,
    is_plain: bool,
    writer: Writer,
}

impl<S: WorkflowStep> Inbox<S> {
    /// `is_alone` if no other task takes from the queue.
    pub(crate) fn new(queue: Queue<S>, is_alone: bool) -> Self {
        let is_plain = is_alone && queue.is_plain();
        let started = queue.0.lanes().iter().map(|_| 0).collect();
        Self {
            writer: queue.writer(is_alone),
            queue,
            items: VecDeque::new(),
            started,
            is_plain,
        }
    }

    /// Waits for the next message that can be started on. `now` is the time,
    /// where that is known. Cancellation safe: what was not returned is still in
    /// the queue.
    pub(crate) async fn next(&mut self, mut now: Option<Tick>) -> Taken<S::Input> {
        loop {
            let Some(item) = self.items.pop_front() else {
                if !self.fetch() {
                    now = None;
                    self.queue.filled().await;
                }
                continue;
            };
            self.started(item.lane);
            let at = now.unwrap_or_else(|| self.queue.core().clock.now());
            match self.queue.start(item, at, self.writer) {
                Ok(taken) => return taken,
                Err(delivery) if delivery.is_done() => {}
                Err(delivery) => {
                    self.rest();
                    delivery.complete().await;
                    now = None;
                }
            }
        }
    }

    /// Takes what waits in the queue: all of it, or one item where others want
    /// some. `false` if nothing does.
    fn fetch(&mut self) -> bool {
        self.give_back();
        if self.is_plain {
            return self.queue.take_all(&mut self.items);
        }
        self.items.extend(self.queue.next());
        !self.items.is_empty()
    }

    /// The task has to wait: others may start on what is here.
    pub(crate) fn rest(&mut self) {
        self.give_back();
        if !self.items.is_empty() {
            self.queue.put_back(&mut self.items);
        }
    }

    /// Works on something, and has the inbox rest while that has to wait.
    pub(crate) async fn or_rest<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            let poll = work.as_mut().poll(context);
            if poll.is_pending() {
                self.rest();
            }
            poll
        })
        .await
    }

    /// Half of an edge's places are given back together: whoever waits for room
    /// need not wait for the last of them.
    fn started(&mut self, lane: u32) {
        let started = &mut self.started[lane as usize];
        *started += 1;
        let lane = &self.queue.0.lanes()[lane as usize];
        if !self.is_plain || 2 * *started >= lane.spec.capacity {
            lane.give_back(std::mem::take(started));
        }
    }

    fn give_back(&mut self) {
        let lanes = self.queue.0.lanes().iter();
        for (lane, started) in lanes.zip(&mut self.started) {
            if *started > 0 {
                lane.give_back(std::mem::take(started));
            }
        }
    }
}

impl<S: WorkflowStep> Drop for Inbox<S> {
    fn drop(&mut self) {
        self.rest();
    }
}
