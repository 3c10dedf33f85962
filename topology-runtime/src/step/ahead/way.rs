//! What is on its way.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::boundary::{Line, Pass};
use crate::edge::Inbox;
use crate::step::WorkflowStep;
use crate::step::arrival::Arrival;
use crate::step::away::Desk;
use crate::telemetry::Tick;

/// How long nothing may come back before what was not begun waits on its edge again.
pub(super) const PATIENCE: Duration = Duration::from_millis(1);

/// What is on its way. Dropped, what was not begun is to be worked on again.
pub(super) struct Ahead<'a, Q: WorkflowStep> {
    pub(super) inbox: &'a mut Inbox<Q>,
    pub(super) desk: &'a mut Desk,
    /// So that nobody has the process alone meanwhile.
    pub(super) pass: Option<Pass<'a>>,
    pub(super) arrival: Arrival,
    /// The message of the arrival.
    pub(super) message: Option<Q::Input>,
    /// What could be sent would be.
    pub(super) is_open: bool,
    /// The time of what is on its way is not over before.
    pub(super) soonest: Option<Tick>,
    /// Something had to wait for room where it was handed on, since what has come was
    /// looked at.
    pub(super) has_waited: bool,
    /// The process has ended: what is ahead was begun, all of it.
    pub(super) has_died: bool,
    /// When something has come back last, or was sent first.
    pub(super) last: Instant,
}

/// How the wait for something that was sent has ended.
#[derive(Clone, Copy)]
pub(super) enum Waited {
    /// Something had come back, or could be sent, and nobody had to wait for it.
    Not,
    /// Something has come back, or can be sent.
    Ready,
    /// Neither, for long.
    InVain,
}

impl<Q: WorkflowStep> Ahead<'_, Q> {
    pub(super) fn on_the_way(&self) -> usize {
        self.desk.line.as_ref().map_or(0, Line::on_the_way)
    }

    /// Looks for what can be sent, without waiting for it.
    pub(super) async fn look(&mut self) {
        poll_fn(|context| {
            let _ = self.inbox.poll_more(context);
            Poll::Ready(())
        })
        .await;
    }

    /// Says all that was sent: before something is waited for.
    pub(super) fn say(&mut self) {
        if let Some(line) = &mut self.desk.line {
            line.say();
        }
    }

    /// Waits until something has come back, or can be sent.
    pub(super) async fn wait(&mut self) -> Waited {
        let Some(line) = &mut self.desk.line else {
            return Waited::Not;
        };
        let mut ready = Waited::Not;
        let mut patience = pin!(None);
        let until = self.last + PATIENCE;
        poll_fn(|context| {
            let can_be_sent = self.is_open && self.inbox.poll_more(context).is_ready();
            if line.poll_arrived(context).is_ready() || can_be_sent {
                return Poll::Ready(ready);
            }
            ready = Waited::Ready;
            line.say_in_time();
            if patience.is_none() {
                patience.set(Some(sleep_until(until)));
            }
            patience
                .as_mut()
                .as_pin_mut()
                .map_or(Poll::Pending, |patience| {
                    patience.poll(context).map(|()| Waited::InVain)
                })
        })
        .await
    }

    /// What the process has not begun waits on its edge again, where others look.
    pub(super) fn call_back(&mut self) {
        self.soonest = None;
        self.recall();
        self.inbox.rest();
    }

    fn recall(&mut self) {
        if self.has_died {
            return;
        }
        if let Some(line) = &mut self.desk.line {
            let is_brought = usize::from(self.message.is_some());
            let ahead = line.recall().saturating_sub(is_brought);
            self.inbox.comes_back(ahead);
        }
    }

    /// What is not on its way any more is to be sent again, but for so many that have
    /// just ended.
    pub(super) fn comes_back(&mut self, ended: usize) {
        let is_brought = usize::from(self.message.is_some());
        let ahead = self.on_the_way() + ended - is_brought;
        self.inbox.comes_back(ahead);
    }

    /// Whether others are on their way, or can be sent behind them.
    pub(super) fn goes_on(&self) -> bool {
        let line = self.desk.line.as_ref();
        line.is_some_and(|line| line.on_the_way() > 0 || self.pass.is_some() && line.has_room())
    }
}

impl<Q: WorkflowStep> Drop for Ahead<'_, Q> {
    fn drop(&mut self) {
        self.recall();
    }
}
