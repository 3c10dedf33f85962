//! The messages that a task has taken from its queue and not started on.
//!
//! Taking all that waits costs one look at the queue, however much that is. What
//! a task has, it starts on right away: as soon as it has to wait for anything
//! else, the rest goes back to where other tasks, and the timekeeper, find it.

use std::any::Any;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
#[cfg(feature = "process")]
use std::task::{Context, Poll};

#[cfg(feature = "process")]
use super::held::start_plainly;
use super::queue::Item;
use super::sleep::Sleeper;
use super::{Held, Queue, Station};
#[cfg(feature = "process")]
use crate::fate::Branch;
use crate::fate::Delivery;
use crate::step::{Arrival, WorkflowStep};
use crate::telemetry::Tick;

pub struct Inbox<S: WorkflowStep> {
    queue: Queue<S>,
    held: Held<S>,
    /// Those before them that were sent ahead to where the step is, and have their
    /// places still.
    ahead: VecDeque<Item<S::Input>>,
    is_plain: bool,
    sleeper: Sleeper,
    /// What the task works with, while it waits: it is lent then.
    station: Option<Box<dyn Station<S::Input>>>,
    /// Whether there is one.
    lends: bool,
    /// Where what came too late goes, as long as that has to wait.
    late: Delivery,
}

impl<S: WorkflowStep> Inbox<S> {
    /// `is_alone` if no other task takes from the queue.
    pub(crate) fn new(queue: Queue<S>, is_alone: bool) -> Self {
        let is_plain = is_alone && queue.is_plain() && queue.limiter().is_none();
        Self {
            held: Held::new(&queue, is_alone),
            queue,
            ahead: VecDeque::new(),
            is_plain,
            sleeper: Sleeper::default(),
            station: None,
            lends: false,
            late: Delivery::DONE,
        }
    }

    /// Brings the next message that can be started on, if there is one and nothing
    /// has to be waited for. `now` is the time, where that is known.
    #[inline]
    pub(crate) fn bring(
        &mut self,
        now: Option<Tick>,
        message: &mut Option<S::Input>,
        arrival: &mut Arrival,
    ) -> bool {
        let Some(item) = self.held.items.front() else {
            return false;
        };
        let lane = &*self.held.lanes[item.lane as usize];
        let clock = &self.queue.core().clock;
        let at = now.unwrap_or_else(|| clock.now());
        let is_late = item.branch.is_cancelled() || lane.expiry(&item.branch, clock) <= at;
        let Some(item) = self.held.items.pop_front() else {
            return false;
        };
        self.start_on(item, is_late, at, message, arrival)
    }

    /// What the task has and has not started on.
    pub(crate) fn held(&mut self) -> &mut Held<S> {
        &mut self.held
    }

    /// Whether nobody else takes from the queue, and it does not matter when something
    /// is taken.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    #[inline]
    fn start_on(
        &mut self,
        item: Item<S::Input>,
        is_late: bool,
        at: Tick,
        message: &mut Option<S::Input>,
        arrival: &mut Arrival,
    ) -> bool {
        let lane = &*self.held.lanes[item.lane as usize];
        let started = &mut self.held.started[item.lane as usize];
        *started += 1;
        if *started >= lane.half || !self.is_plain {
            lane.give_back(std::mem::take(started));
        }
        if is_late {
            self.late = self.queue.refuse(item);
            return false;
        }
        let waited = at.since(item.branch.at);
        lane.meter.taken_as(self.held.writer, waited);
        *message = Some(item.message);
        arrival.comes(item.branch, waited, at, item.links);
        true
    }

    /// The task has a station that others can borrow while it waits. Where several edges
    /// lead to it, nobody does: it would be kept from the others for a turn, and together
    /// their messages are worth a look at the queue.
    pub(crate) fn lends(&mut self) {
        if self.queue.is_alone() && !std::mem::replace(&mut self.lends, true) {
            self.queue.is_hosted();
        }
    }

    /// Waits as [before](Self::filled), and lends the station meanwhile. `None` if it was
    /// lost.
    pub(crate) async fn filled_around<Y>(&mut self, station: Box<Y>) -> (bool, Option<Box<Y>>)
    where
        Y: Station<S::Input>,
    {
        self.station = Some(station);
        let have_others_run = self.filled().await;
        let station: Option<Box<dyn Any>> = match self.station.take() {
            Some(station) => Some(station),
            None => None,
        };
        let station = station.and_then(|station| station.downcast().ok());
        (have_others_run, station)
    }

    /// Waits for something to bring: all that waits in the queue, or one message
    /// where others want some. `true` if others had their turn meanwhile. Cancellation
    /// safe: what was not brought is still in the queue.
    pub(crate) async fn filled(&mut self) -> bool {
        let mut have_others_run = false;
        let mut filling = pin!(self.fill());
        poll_fn(|context| {
            let filled = filling.as_mut().poll(context);
            have_others_run |= filled.is_pending();
            filled
        })
        .await;
        have_others_run
    }

    async fn fill(&mut self) {
        if !self.late.is_done() {
            self.rest();
            std::mem::take(&mut self.late).complete().await;
        }
        if !self.held.items.is_empty() {
            return;
        }
        self.held.give_back();
        if self.is_plain {
            poll_fn(|context| {
                let (items, station) = (&mut self.held.items, &mut self.station);
                self.queue
                    .poll_take_all(items, station, &mut self.sleeper, context)
            })
            .await;
            return;
        }
        self.queue.is_done();
        loop {
            self.held.items.extend(self.queue.take());
            if !self.held.items.is_empty() {
                return;
            }
            self.queue.filled().await;
        }
    }

    /// The task has to wait: others may start on what is here.
    pub(crate) fn rest(&mut self) {
        self.held.give_back();
        if !self.held.items.is_empty() {
            self.queue.put_back(&mut self.held.items);
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

    /// The same for anything that ends: it is read once, however many such there are.
    pub(crate) async fn or_rest_until(&mut self, end: impl Future<Output = ()> + Send) {
        let end: Pin<&mut (dyn Future<Output = ()> + Send)> = pin!(end);
        self.or_rest(end).await;
    }
}

/// What is sent ahead to where the step is, before it can be started on there.
#[cfg(feature = "process")]
impl<S: WorkflowStep> Inbox<S> {
    /// Looks for more to send. Whoever finds nothing is woken when something comes.
    pub(crate) fn poll_more(&mut self, context: &Context<'_>) -> Poll<()> {
        if !self.held.items.is_empty() {
            return Poll::Ready(());
        }
        let (items, station) = (&mut self.held.items, &mut self.station);
        self.queue
            .poll_take_all(items, station, &mut self.sleeper, context)
    }

    /// What was started on gives its places back.
    pub(crate) fn has_started(&mut self) {
        self.held.give_back();
    }

    /// Waits until what came too late has gone where that goes.
    pub(crate) async fn late_is_gone(&mut self) {
        let late = std::mem::take(&mut self.late);
        self.or_rest(late.complete()).await;
    }

    /// The next to be sent, and when it is too late for it to be begun.
    pub(crate) fn next_ahead(&self) -> Option<(&S::Input, &Branch, Tick)> {
        let item = self.held.items.front()?;
        let lane = &self.held.lanes[item.lane as usize];
        let expiry = lane.expiry(&item.branch, &self.queue.core().clock);
        Some((&item.message, &item.branch, expiry))
    }

    /// That was sent.
    pub(crate) fn goes(&mut self) {
        if let Some(item) = self.held.items.pop_front() {
            self.ahead.push_back(item);
        }
    }

    /// Whether something was sent.
    pub(crate) fn is_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Only so many of those that were sent can have been begun: the others wait
    /// again.
    pub(crate) fn comes_back(&mut self, begun: usize) {
        while self.ahead.len() > begun
            && let Some(item) = self.ahead.pop_back()
        {
            self.held.items.push_front(item);
        }
    }

    /// Takes the oldest that was sent, which was begun then, if nothing about it is out
    /// of the ordinary.
    #[inline]
    pub(crate) fn take_ahead_ordinary(
        &mut self,
        began: Tick,
        does_somebody_listen: bool,
    ) -> Option<Item<S::Input>> {
        let item = self.ahead.front()?;
        if !item.branch.is_ordinary(does_somebody_listen) || !item.links.are_none() {
            return None;
        }
        let lane = &*self.held.lanes[item.lane as usize];
        let started = &mut self.held.started[item.lane as usize];
        start_plainly(started, lane, self.held.writer, began.since(item.branch.at));
        self.ahead.pop_front()
    }

    /// Brings the oldest that was sent, which was begun then; `false` if its message
    /// has no use for it any more.
    #[inline]
    pub(crate) fn bring_ahead(
        &mut self,
        began: Tick,
        message: &mut Option<S::Input>,
        arrival: &mut Arrival,
    ) -> bool {
        let Some(item) = self.ahead.pop_front() else {
            return false;
        };
        let is_cancelled = item.branch.is_cancelled();
        self.start_on(item, is_cancelled, began, message, arrival)
    }
}

impl<S: WorkflowStep> Drop for Inbox<S> {
    fn drop(&mut self) {
        self.rest();
        self.queue.give_up(std::mem::take(&mut self.ahead));
        self.queue.leave(&mut self.sleeper);
        if self.lends {
            self.queue.is_left();
        }
    }
}
