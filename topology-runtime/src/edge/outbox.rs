//! Messages on their way from a task to the queues.
//!
//! While a task has work that it need not wait for, it keeps what it hands on,
//! and gives it to the queues together: a look at a queue, and a wake-up, cost
//! more than all the rest of a hop. Nothing is kept beyond the task's turn, for
//! longer than [`LONGEST`], or beyond half of an edge's capacity, and nothing by a
//! task that has just taken longer than that for one message: it may take as long
//! for the next. A task knows so when it looks at the clock: once for a few messages
//! if those before them took next to nothing. What is kept has its place on the edge
//! already.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

use super::key::Key;
use super::queue::{Item, Lanes};
use super::{Next, Queue};
use crate::fate::Branch;
use crate::step::WorkflowStep;
use crate::supervisor::Core;
use crate::telemetry::{Links, Tick};

/// How long a message is kept, in nanoseconds, as long as the task does not look
/// up: the time it takes to wake another.
const LONGEST: u64 = 20_000;

/// What a task has handed on in this turn, by queue.
#[derive(Default)]
pub(crate) struct Outbox {
    bundles: Vec<Leaving>,
    /// Whether there may be messages in them, or places for some.
    may_keep: bool,
}

/// Messages that leave the outbox, and for which queue.
pub(crate) type Leaving = (usize, Box<dyn Bundle>);

/// Messages for one queue.
pub(crate) trait Bundle: Any + Send {
    /// Whether messages are kept for a task of that topology whose station is free, which
    /// is borrowed then: for a caller, maybe.
    fn may_be_worked_on(&mut self, core: &Core, is_called: bool) -> bool;

    /// Works on them there, around which so many work already. What is left is not to be
    /// worked on in this turn.
    fn works(&mut self, depth: u32);

    /// `true` if messages were sent behind others that were worked on at the station.
    fn send(&mut self) -> bool;

    /// If messages were sent, the station goes back, and those to come go behind them.
    fn is_busy(&mut self);

    fn is_empty(&self) -> bool;

    fn let_go(&mut self);
}

/// When a message is handed on.
#[derive(Clone, Copy)]
pub(crate) struct Handed {
    pub(crate) at: Tick,
    /// Otherwise it may be later.
    pub(crate) is_timed: bool,
}

impl Handed {
    /// When the branch says.
    pub(crate) fn by(branch: &Branch) -> Self {
        Self {
            at: branch.at,
            is_timed: true,
        }
    }
}

pub(super) struct Outgoing<S: WorkflowStep> {
    queue: Queue<S>,
    lanes: Lanes,
    items: Vec<Item<S::Input>>,
    /// By edge: places that were taken for messages to come.
    places: Box<[usize]>,
    /// How many messages were sent together last.
    sent: usize,
    /// When the first of them was handed on.
    since: Tick,
    /// When a message was handed on last.
    last: Tick,
    /// No item is to be looked at before.
    next_look: Tick,
    /// How many of the first items were counted as offered already.
    known: usize,
    /// How many of the last items may have been handed on later than they say.
    untimed: usize,
    /// The station of whoever takes from there.
    next: Next<S::Input>,
    /// Whether something was sent while it was borrowed.
    is_behind: bool,
}

impl Outbox {
    /// Gives everything to its queue.
    #[inline]
    pub(crate) fn send(&mut self) {
        if std::mem::take(&mut self.may_keep) {
            self.send_kept();
        }
    }

    fn send_kept(&mut self) {
        let mut is_behind = false;
        for (_, bundle) in &mut self.bundles {
            is_behind |= bundle.send();
        }
        if is_behind {
            self.let_go_of_those();
        }
    }

    /// What waits in a queue is not overtaken by what is worked on beside it.
    #[cold]
    fn let_go_of_those(&mut self) {
        for (_, bundle) in &mut self.bundles {
            bundle.is_busy();
        }
    }

    /// Takes messages out that may be worked on where they go; they [come
    /// back](Self::comes_back).
    #[inline]
    pub(crate) fn leave(&mut self, core: &Core, is_called: bool) -> Option<Leaving> {
        if !self.may_keep {
            return None;
        }
        let mut bundles = self.bundles.iter_mut();
        let position = bundles.position(|(_, bundle)| bundle.may_be_worked_on(core, is_called))?;
        Some(self.bundles.swap_remove(position))
    }

    pub(crate) fn comes_back(&mut self, bundle: Leaving) {
        self.may_keep = true;
        self.bundles.push(bundle);
    }

    /// Gives back what was borrowed.
    pub(crate) fn let_go(&mut self) {
        for (_, bundle) in &mut self.bundles {
            bundle.let_go();
        }
    }

    /// Whether anything is kept.
    pub(crate) fn keeps_any(&self) -> bool {
        self.bundles.iter().any(|(_, bundle)| !bundle.is_empty())
    }

    /// Whether nothing is kept for that queue.
    pub(super) fn has_none_for<S: WorkflowStep>(&self, queue: &Queue<S>) -> bool {
        let address = Arc::as_ptr(&queue.0).addr();
        let mut kept = self.bundles.iter().filter(|(other, _)| *other == address);
        kept.all(|(_, bundle)| bundle.is_empty())
    }

    /// What is kept for that queue.
    #[inline]
    pub(super) fn outgoing<S: WorkflowStep>(&mut self, queue: &Queue<S>) -> &mut Outgoing<S> {
        self.may_keep = true;
        self.loan_of(queue)
    }

    /// The same, for the station there: nothing is added to what is kept.
    #[inline]
    pub(super) fn loan_of<S: WorkflowStep>(&mut self, queue: &Queue<S>) -> &mut Outgoing<S> {
        let address = Arc::as_ptr(&queue.0).addr();
        let position = self.bundles.iter().position(|(other, _)| *other == address);
        let position = position.unwrap_or_else(|| self.begin(address, queue));
        let outgoing: &mut dyn Any = &mut *self.bundles[position].1;
        let outgoing = outgoing.downcast_mut();
        outgoing.expect("a queue has one address, and holds messages for one step")
    }

    #[cold]
    fn begin<S: WorkflowStep>(&mut self, address: usize, queue: &Queue<S>) -> usize {
        self.bundles.push((address, Box::new(Outgoing::new(queue))));
        self.bundles.len() - 1
    }
}

impl<S: WorkflowStep> Outgoing<S> {
    fn new(queue: &Queue<S>) -> Self {
        Self {
            queue: queue.clone(),
            lanes: Arc::clone(queue.0.lanes()),
            items: Vec::new(),
            places: vec![0; queue.0.lanes().len()].into(),
            sent: 1,
            since: Tick::default(),
            last: Tick::default(),
            next_look: Tick::default(),
            known: 0,
            untimed: 0,
            next: Next::NotAsked,
            is_behind: false,
        }
    }

    /// The station of whoever takes from there, if that is free, or will be in a moment
    /// for a caller who is patient. It [comes back](Self::comes_back).
    #[inline]
    pub(super) fn borrow(&mut self, is_called: bool, is_patient: bool) -> Option<Next<S::Input>> {
        let may_pass = self.items.is_empty() && self.borrows(is_called, is_patient);
        may_pass.then(|| std::mem::take(&mut self.next))
    }

    fn borrows(&mut self, is_called: bool, is_patient: bool) -> bool {
        if matches!(self.next, Next::NotAsked) {
            let loan = if is_patient {
                self.queue.borrow_patiently()
            } else {
                self.queue.borrow(is_called)
            };
            self.next = loan.map_or(Next::Busy, Next::Borrowed);
        }
        match &self.next {
            Next::Borrowed(loan) => self.queue.still_lends(loan),
            _ => false,
        }
    }

    pub(super) fn comes_back(&mut self, next: Next<S::Input>) {
        self.next = next;
    }

    /// Uses a place on that edge. Of a queue that gets many messages at a time,
    /// several places are taken at once.
    #[inline]
    pub(super) fn place(&mut self, lane: usize) -> bool {
        let places = &mut self.places[lane];
        if *places == 0 {
            let most = self.sent.max(self.items.len());
            *places = self.lanes[lane].try_take_some(most);
        }
        let has_place = *places > 0;
        *places -= usize::from(has_place);
        has_place
    }

    /// Takes a message that is handed on then, or later if that is
    /// [said](Self::are_timed) later; `true` if that is enough.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    pub(super) fn add(
        &mut self,
        message: S::Input,
        (branch, Handed { at, is_timed }): (Branch, Handed),
        links: Links,
        lane_number: u32,
    ) -> bool {
        if !is_timed {
            self.untimed += 1;
        } else if self.untimed > 0 {
            self.are_timed_now();
        }
        let lane = &*self.lanes[lane_number as usize];
        let look = lane.first_look(&branch, at, &self.queue.core().clock);
        if self.items.is_empty() {
            self.since = at;
            self.next_look = look;
        } else if look < self.next_look {
            self.next_look = look;
        }
        if self.items.len() == self.items.capacity() {
            self.items.reserve(1);
        }
        // So the item is made where it goes, and nowhere else: nothing can panic while
        // there is one.
        assert!(self.items.len() < self.items.capacity(), "room was made");
        self.items.push(Item {
            message,
            branch: branch.from(at),
            links,
            lane: lane_number,
            key: Key::default(),
        });
        let is_half = self.items.len() >= lane.half;
        is_half || self.is_long(at)
    }

    /// Those of which that was not known were handed on when they say, or only then.
    /// `true` if that is enough.
    pub(super) fn are_timed(&mut self, late: Option<Tick>) -> bool {
        let untimed = std::mem::take(&mut self.untimed);
        late.is_some_and(|at| {
            let last = self.items.iter_mut().rev().take(untimed);
            last.for_each(|item| item.branch.at = at);
            untimed > 0 && self.is_long(at)
        })
    }

    /// They go now, or others come behind them.
    #[cold]
    fn are_timed_now(&mut self) {
        let now = self.queue.core().clock.now();
        self.are_timed(Some(now));
    }

    /// What is kept has so many places.
    fn fills(&self) {
        for (places, lane) in self.places.iter().zip(&*self.lanes) {
            lane.meter.filled(lane.fill().saturating_sub(*places));
        }
    }

    /// Whether it is long since something was handed on, or the first is kept.
    #[inline]
    fn is_long(&mut self, at: Tick) -> bool {
        let took = at.since(std::mem::replace(&mut self.last, at));
        took > LONGEST || at.since(self.since) > LONGEST
    }
}

impl<S: WorkflowStep> Bundle for Outgoing<S> {
    fn may_be_worked_on(&mut self, core: &Core, is_called: bool) -> bool {
        !self.items.is_empty()
            && std::ptr::eq(core, &raw const **self.queue.core())
            && self.borrows(is_called, false)
    }

    fn works(&mut self, depth: u32) {
        if self.untimed > 0 {
            self.are_timed_now();
        }
        self.sent = self.items.len();
        self.fills();
        let mut items = VecDeque::from(std::mem::take(&mut self.items));
        self.queue
            .work_on(&mut self.next, &mut items, self.known, depth);
        self.items = Vec::from(items);
        self.known = self.items.len();
    }

    fn send(&mut self) -> bool {
        if self.untimed > 0 {
            self.are_timed_now();
        }
        if !self.items.is_empty() {
            self.is_behind = matches!(self.next, Next::Borrowed(_));
            self.sent = self.items.len();
            self.fills();
            // One and the other are the same memory.
            let mut items = VecDeque::from(std::mem::take(&mut self.items));
            let known = std::mem::take(&mut self.known);
            self.queue.push_all(&mut items, self.next_look, known);
            self.items = Vec::from(items);
        }
        for (places, lane) in self.places.iter_mut().zip(&*self.lanes) {
            lane.give_back(std::mem::take(places));
        }
        self.is_behind
    }

    fn is_busy(&mut self) {
        if std::mem::take(&mut self.is_behind) {
            self.queue.let_go(&mut self.next);
            self.next = Next::Busy;
        }
    }

    fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn let_go(&mut self) {
        self.queue.let_go(&mut self.next);
    }
}

/// A task that is dropped owes its messages to the queues, and places to the
/// edges.
impl<S: WorkflowStep> Drop for Outgoing<S> {
    fn drop(&mut self) {
        self.send();
        self.let_go();
    }
}
