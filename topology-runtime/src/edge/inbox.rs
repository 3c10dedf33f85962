//! The messages that a task has taken from its queue and not started on.
//!
//! Taking all that waits costs one look at the queue, however much that is. What
//! a task has, it starts on right away: as soon as it has to wait for anything
//! else, the rest goes back to where other tasks, and the timekeeper, find it.

use std::any::Any;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
#[cfg(feature = "process")]
use std::task::{Context, Poll};

use super::queue::{Item, Lanes};
use super::sleep::Sleeper;
use super::{Lane, Queue, Station};
use crate::fate::{Branch, Delivery};
use crate::step::{Arrival, WorkflowStep};
use crate::telemetry::{Tick, Writer};

pub struct Inbox<S: WorkflowStep> {
    queue: Queue<S>,
    lanes: Lanes,
    items: VecDeque<Item<S::Input>>,
    /// Those before them that were sent ahead to where the step is, and have their
    /// places still.
    ahead: VecDeque<Item<S::Input>>,
    /// By edge: the places of messages that were started on.
    started: Box<[usize]>,
    is_plain: bool,
    writer: Writer,
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
        let started = vec![0; queue.0.lanes().len()].into();
        Self {
            writer: queue.writer(is_alone),
            lanes: Arc::clone(queue.0.lanes()),
            queue,
            items: VecDeque::new(),
            ahead: VecDeque::new(),
            started,
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
        let Some(item) = self.items.front() else {
            return false;
        };
        let lane = &*self.lanes[item.lane as usize];
        let clock = &self.queue.core().clock;
        let at = now.unwrap_or_else(|| clock.now());
        let is_late = item.branch.is_cancelled() || lane.expiry(&item.branch, clock) <= at;
        let Some(item) = self.items.pop_front() else {
            return false;
        };
        self.start_on(item, is_late, at, message, arrival)
    }

    /// Starts on the next message, if that is possible and nothing about it is out of
    /// the ordinary: it is to be [taken](Self::take_started).
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    pub(crate) fn starts_on_ordinary(&mut self, at: Tick, does_somebody_listen: bool) -> bool {
        let Some(item) = self.items.front() else {
            return false;
        };
        let lane = &*self.lanes[item.lane as usize];
        let is_in_time = at < item.branch.at.plus(lane.timeout);
        if !is_in_time || !item.branch.is_ordinary(does_somebody_listen) || !item.links.are_none() {
            return false;
        }
        let started = &mut self.started[item.lane as usize];
        start_plainly(started, lane, self.writer, at.since(item.branch.at));
        true
    }

    /// The same of one that is [shown](Self::is_next_shown): for how many nanoseconds it
    /// has waited.
    pub(crate) fn starts_on_shown(&mut self, at: Tick) -> Option<u64> {
        let item = self.items.front()?;
        let lane = &*self.lanes[item.lane as usize];
        let waited = at.since(item.branch.at);
        if waited >= lane.timeout {
            return None;
        }
        let started = &mut self.started[item.lane as usize];
        start_plainly(started, lane, self.writer, waited);
        Some(waited)
    }

    /// Whether the next message is ordinary, but that somebody looks at its spans.
    pub(crate) fn is_next_shown(&self, does_somebody_listen: bool) -> bool {
        self.items
            .front()
            .is_some_and(|item| item.branch.is_shown(does_somebody_listen) && item.links.are_none())
    }

    /// What was started on, which has no links.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    pub(crate) fn take_started(&mut self) -> Option<(S::Input, Branch)> {
        let Item {
            message,
            branch,
            links,
            ..
        } = self.items.pop_front()?;
        links.are_dropped();
        Some((message, branch))
    }

    /// Whether nothing is out of the ordinary about the next message, if there is one.
    #[inline]
    pub(crate) fn is_next_ordinary(&self, does_somebody_listen: bool) -> bool {
        self.items.front().is_some_and(|item| {
            item.branch.is_ordinary(does_somebody_listen) && item.links.are_none()
        })
    }

    /// Whether more than one message is here.
    #[inline]
    pub(crate) fn has_several(&self) -> bool {
        self.items.len() > 1
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
        let lane = &*self.lanes[item.lane as usize];
        let started = &mut self.started[item.lane as usize];
        *started += 1;
        if *started >= lane.half || !self.is_plain {
            lane.give_back(std::mem::take(started));
        }
        if is_late {
            self.late = self.queue.refuse(item);
            return false;
        }
        let waited = at.since(item.branch.at);
        lane.meter.taken_as(self.writer, waited);
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
        if !self.items.is_empty() {
            return;
        }
        self.give_back();
        if self.is_plain {
            poll_fn(|context| {
                let (items, station) = (&mut self.items, &mut self.station);
                self.queue
                    .poll_take_all(items, station, &mut self.sleeper, context)
            })
            .await;
            return;
        }
        self.queue.is_done();
        loop {
            self.items.extend(self.queue.take());
            if !self.items.is_empty() {
                return;
            }
            self.queue.filled().await;
        }
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

    /// The same for anything that ends: it is read once, however many such there are.
    pub(crate) async fn or_rest_until(&mut self, end: impl Future<Output = ()> + Send) {
        let end: Pin<&mut (dyn Future<Output = ()> + Send)> = pin!(end);
        self.or_rest(end).await;
    }

    fn give_back(&mut self) {
        for (lane, started) in self.lanes.iter().zip(&mut self.started) {
            if *started > 0 {
                lane.give_back(std::mem::take(started));
            }
        }
    }
}

/// A message that waited for so many nanoseconds is started on. Half of an edge's places
/// are given back together: whoever waits for room need not wait for the last of them.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
fn start_plainly(started: &mut usize, lane: &Lane, writer: Writer, waited: u64) {
    *started += 1;
    if *started >= lane.half {
        lane.give_back(std::mem::take(started));
    }
    lane.meter.taken_as(writer, waited);
}

/// What is sent ahead to where the step is, before it can be started on there.
#[cfg(feature = "process")]
impl<S: WorkflowStep> Inbox<S> {
    /// Looks for more to send. Whoever finds nothing is woken when something comes.
    pub(crate) fn poll_more(&mut self, context: &Context<'_>) -> Poll<()> {
        if !self.items.is_empty() {
            return Poll::Ready(());
        }
        let (items, station) = (&mut self.items, &mut self.station);
        self.queue
            .poll_take_all(items, station, &mut self.sleeper, context)
    }

    /// What was started on gives its places back.
    pub(crate) fn has_started(&mut self) {
        self.give_back();
    }

    /// Waits until what came too late has gone where that goes.
    pub(crate) async fn late_is_gone(&mut self) {
        let late = std::mem::take(&mut self.late);
        self.or_rest(late.complete()).await;
    }

    /// The next to be sent, and when it is too late for it to be begun.
    pub(crate) fn next_ahead(&self) -> Option<(&S::Input, &Branch, Tick)> {
        let item = self.items.front()?;
        let lane = &self.lanes[item.lane as usize];
        let expiry = lane.expiry(&item.branch, &self.queue.core().clock);
        Some((&item.message, &item.branch, expiry))
    }

    /// That was sent.
    pub(crate) fn goes(&mut self) {
        if let Some(item) = self.items.pop_front() {
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
            self.items.push_front(item);
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
        let lane = &*self.lanes[item.lane as usize];
        let started = &mut self.started[item.lane as usize];
        start_plainly(started, lane, self.writer, began.since(item.branch.at));
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
