//! When a replica does what: messages as they come, ticks when they are due,
//! and the finish when it is told to.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{OwnedMutexGuard, mpsc};
use tokio::time::{Instant, sleep_until};

use super::WorkflowStep;
use crate::edge::{Queue, Taken};
use crate::supervisor::{Order, Orders};

/// What a step of a task does by itself.
#[derive(Debug, Clone, Copy)]
pub struct Duty {
    pub(crate) step: usize,
    tick: Option<Duration>,
}

impl Duty {
    /// `None` for a step that only answers to messages.
    pub(crate) fn of<S: WorkflowStep>(step: usize) -> Option<Self> {
        let tick = S::CONTRACT.tick;
        S::CONTRACT.begins_messages().then_some(Self { step, tick })
    }

    /// The steps that have them.
    pub(super) fn steps(duties: &[Self]) -> Vec<usize> {
        duties.iter().map(|duty| duty.step).collect()
    }
}

/// What comes next in one replica.
pub(crate) struct Agenda {
    orders: OwnedMutexGuard<mpsc::UnboundedReceiver<Order>>,
    ticks: Vec<Tick>,
    /// Whether a message that waits goes before a tick that is due: so a tick
    /// that takes longer than its period leaves room for messages.
    has_just_ticked: bool,
    /// The steps that were told to finish.
    pub(crate) over: Vec<usize>,
}

struct Tick {
    step: usize,
    period: Duration,
    due: Instant,
}

pub(crate) enum Next<M> {
    Message(Taken<M>),
    Due(Due),
}

/// What is to be done without a message.
pub(crate) enum Due {
    Tick(usize),
    Finish(Order),
}

impl Agenda {
    /// The first tick is due after one period.
    pub(crate) async fn new(duties: &[Duty], orders: Orders) -> Self {
        let now = Instant::now();
        let ticks = duties.iter().filter_map(|duty| {
            let period = duty.tick?;
            Some(Tick {
                step: duty.step,
                period,
                due: now + period,
            })
        });
        Self {
            ticks: ticks.collect(),
            orders: orders.lock_owned().await,
            has_just_ticked: false,
            over: Vec::new(),
        }
    }

    /// Waits for whatever comes next.
    pub(crate) async fn next<S: WorkflowStep>(&mut self, queue: &Queue<S>) -> Next<S::Input> {
        loop {
            if let Some(due) = self.due(queue.filled()).await {
                return Next::Due(due);
            }
            // Another replica may have been faster.
            if let Some(taken) = queue.take_one().await {
                return Next::Message(taken);
            }
        }
    }

    /// Waits for a duty; `None` if messages come first.
    async fn due(&mut self, filled: impl Future<Output = ()>) -> Option<Due> {
        let ticks = self.ticks.iter_mut();
        let mut tick = ticks.min_by_key(|tick| tick.due);
        let mut time = pin!(tick.as_ref().map(|tick| sleep_until(tick.due)));
        let mut filled = pin!(filled);
        let is_messages_turn = std::mem::take(&mut self.has_just_ticked);
        poll_fn(|context| {
            if let Poll::Ready(Some(order)) = self.orders.poll_recv(context) {
                return Poll::Ready(Some(Due::Finish(order)));
            }
            if is_messages_turn && filled.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            if let Some(time) = time.as_mut().as_pin_mut()
                && time.poll(context).is_ready()
                && let Some(tick) = &mut tick
            {
                // A tick that comes late moves the next ones.
                tick.due = Instant::now() + tick.period;
                self.has_just_ticked = true;
                return Poll::Ready(Some(Due::Tick(tick.step)));
            }
            filled.as_mut().poll(context).map(|()| None)
        })
        .await
    }

    /// The step was told to finish: it ticks no more.
    pub(crate) fn is_over(&mut self, step: usize) {
        self.ticks.retain(|tick| tick.step != step);
        if !self.over.contains(&step) {
            self.over.push(step);
        }
    }
}
