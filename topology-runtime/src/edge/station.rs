//! Where a task works, lent to others while it sleeps.
//!
//! To put a message into a queue, wake a task and have it look there costs many times
//! what most steps do, and brings the message to another processor. Where the task that
//! is next has nothing to do and its work takes next to no time, whoever has a message
//! for it borrows its station instead, and works on the message there. Nothing waits on
//! the edge then, and nothing is overtaken: a station is lent only while its queue is
//! empty, to one at a time, and goes back before that one waits for anything.
//!
//! What does not come through at once stays in the station, for its own task.

use std::any::Any;
use std::collections::VecDeque;
use std::hint::spin_loop;
use std::sync::Arc;

use super::queue::{Item, Waiting};
use super::sleep::wake;
use super::slot::{Recalled, Slot};
use super::{Edge, Queue};
use crate::fate::{Branch, Scope, catch, catch_within, drop_with_care};
use crate::step::{Failure, FailureKind, WorkflowStep};
use crate::supervisor::turn::{self, Turn};
use crate::telemetry::{Tick, Writer, does_somebody_listen};

/// What a task works with.
pub(crate) trait Station<M>: Any + Send {
    /// Works on a message that is handed over then, and hands on what comes of it. When
    /// that was done; `None` if the task has to do the rest. So many others work around
    /// it on this thread.
    fn work(&mut self, message: M, branch: Branch, at: Tick, depth: u32) -> Option<Tick>;

    /// Works on messages that have their places here, and leaves those that something is
    /// out of the ordinary with, and what is behind them. `false` if there is something
    /// for the task to do.
    fn work_on(&mut self, items: &mut VecDeque<Item<M>>, depth: u32) -> bool;

    /// Whether messages can be worked on that somebody looks at.
    fn shows(&self) -> bool;

    /// Whether that takes less time than others would gain if they did something else
    /// meanwhile.
    fn is_quick(&self) -> bool;

    /// Whether that takes less time than to have it done elsewhere, for somebody who waits
    /// for it anyway.
    fn is_brief(&self) -> bool;

    /// Whether there is something for the task to do.
    fn is_stuck(&self) -> bool;

    /// It goes back: what it has borrowed itself goes back, and what it has handed on is
    /// on its way. Whether others may work there next.
    fn rests(&mut self) -> bool;
}

/// How many tasks may work inside one another on one thread.
pub(crate) const DEEPEST: u32 = 16;

/// For how many nanoseconds a caller waits for another to be done at a station: a few
/// times what is done there, and a fraction of what it costs to put the message into the
/// queue, and have a thread woken and sleep again for it.
const PATIENCE: u64 = 1_000;

/// A task's station, as long as the task sleeps.
pub(super) struct Lending<M> {
    /// It is not to be borrowed.
    station: Option<Box<Loan<M>>>,
    /// Whether it can be borrowed, or is.
    is_lent: bool,
    /// Whether somebody has borrowed it who will find that it is not lent any more.
    is_out: bool,
    /// Whether there is a task that lends one, and how many there have been.
    is_hosted: bool,
    hosts: u64,
}

/// The next task's station, for whoever hands messages to it.
#[derive(Default)]
pub(crate) enum Next<M> {
    #[default]
    NotAsked,
    /// Its messages go by its queue.
    Busy,
    Borrowed(Box<Loan<M>>),
}

/// A station that can be borrowed, or is.
pub(crate) struct Loan<M> {
    station: Box<dyn Station<M>>,
    shows: bool,
    /// Which of the tasks it is from.
    host: u64,
}

impl<M> Default for Lending<M> {
    fn default() -> Self {
        Self {
            station: None,
            is_lent: false,
            is_out: false,
            is_hosted: false,
            hosts: 0,
        }
    }
}

impl<M: 'static> Loan<M> {
    /// Whether others may work there.
    fn is_free(&self) -> bool {
        self.station.is_brief() && !self.station.is_stuck()
    }
}

impl<M: 'static> Lending<M> {
    /// The task takes its station back, if that is not out.
    pub(super) fn takes_back(
        &mut self,
        slot: &Slot<Loan<M>>,
        station: &mut Option<Box<dyn Station<M>>>,
    ) -> bool {
        self.recalls(slot);
        if station.is_none() {
            *station = self.station.take().map(|loan| loan.station);
        }
        !self.is_out
    }

    /// Nobody borrows the station from now on: something waits for the task, say.
    pub(super) fn recalls(&mut self, slot: &Slot<Loan<M>>) {
        if std::mem::take(&mut self.is_lent) {
            match slot.recall() {
                Recalled::Here(loan) => self.station = Some(loan),
                Recalled::Borrowed => self.is_out = true,
                Recalled::Nothing => {}
            }
        }
    }

    /// Whether the task has something to do there, or has to make another one.
    pub(super) fn is_needed(&self, station: Option<&dyn Station<M>>) -> bool {
        self.is_hosted && station.is_none_or(Station::is_stuck)
    }

    /// The task sleeps, and nothing waits for it.
    pub(super) fn lends(
        &mut self,
        slot: &Slot<Loan<M>>,
        station: &mut Option<Box<dyn Station<M>>>,
    ) {
        if self.is_hosted
            && let Some(station) = station.take()
        {
            let loan = Loan {
                shows: station.shows(),
                station,
                host: self.hosts,
            };
            self.puts(slot, Box::new(loan));
        }
    }

    /// It can be borrowed, if that is to be.
    fn puts(&mut self, slot: &Slot<Loan<M>>, loan: Box<Loan<M>>) {
        self.is_lent = self.is_hosted && loan.is_free();
        if self.is_lent {
            slot.lend(loan);
        } else {
            self.station = Some(loan);
        }
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// There is a task that lends its station.
    pub(super) fn is_hosted(&self) {
        let mut waiting = self.0.waiting();
        let lending = &mut waiting.lending;
        lending.is_hosted = true;
        lending.is_out = false;
        lending.hosts += 1;
    }

    /// It is gone.
    pub(super) fn is_left(&self) {
        let mut waiting = self.0.waiting();
        let lending = &mut waiting.lending;
        lending.is_hosted = false;
        lending.recalls(&self.0.lent);
        let station = lending.station.take();
        drop(waiting);
        drop(station);
    }

    /// Whether one edge leads here.
    pub(super) fn is_alone(&self) -> bool {
        self.0.lanes().len() == 1
    }

    /// Borrows the station of the one who takes from here, if it is free and quick enough:
    /// not if anything waits here.
    #[inline]
    pub(super) fn borrow(&self, is_called: bool) -> Option<Box<Loan<S::Input>>> {
        let loan = self.0.lent.borrow()?;
        if is_called || loan.station.is_quick() {
            return Some(loan);
        }
        self.bring_back(loan, true);
        None
    }

    /// Whether nothing has come to the queue since that station was borrowed.
    #[inline]
    pub(super) fn still_lends(&self, loan: &Loan<S::Input>) -> bool {
        !self.0.lent.is_called_back(loan)
    }

    /// The same for a caller, who waits a moment for whoever works there.
    pub(super) fn borrow_patiently(&self) -> Option<Box<Loan<S::Input>>> {
        let loan = self.borrow(true);
        if loan.is_some() || !self.0.lent.is_borrowed() {
            return loan;
        }
        let clock = &self.core().clock;
        let mut now = clock.now();
        let until = now.plus(PATIENCE);
        while self.0.lent.is_borrowed() && now < until {
            spin_loop();
            now = clock.now();
        }
        // The wait is none of the step's work.
        turn::passes_at(now);
        self.borrow(true)
    }

    /// Works on messages there that have their places, of which so many were counted as
    /// offered before; what is left is to go by the queue.
    pub(super) fn work_on(
        &self,
        next: &mut Next<S::Input>,
        items: &mut VecDeque<Item<S::Input>>,
        known: usize,
        depth: u32,
    ) {
        let Next::Borrowed(borrowed) = next else {
            return;
        };
        let offered = items.len() - known;
        if let Some(item) = items.front() {
            // One edge leads here.
            self.lane(item).meter.offered_some(offered);
        }
        match catch_within(|| borrowed.station.work_on(items, depth)) {
            Ok(true) if items.is_empty() => return,
            Ok(_) => self.let_go(next),
            Err(caught) => self.lose(next, caught),
        }
        *next = Next::Busy;
    }

    /// Gives it back.
    #[inline]
    pub(super) fn let_go(&self, next: &mut Next<S::Input>) {
        if let Next::Borrowed(mut loan) = std::mem::take(next) {
            let lost = Lost {
                queue: self,
                host: loan.host,
            };
            let is_free = loan.station.rests();
            std::mem::forget(lost);
            self.bring_back(loan, is_free);
        }
    }

    #[inline]
    fn bring_back(&self, loan: Box<Loan<S::Input>>, is_free: bool) {
        let back = if is_free {
            self.0.lent.bring_back(loan)
        } else {
            Err(loan)
        };
        if let Err(loan) = back {
            self.give_back(loan.host, Some(loan));
        }
    }

    /// A station goes back that is not lent any more, or is not to be; `None` if it was
    /// lost, and another has to be made.
    #[cold]
    fn give_back(&self, host: u64, loan: Option<Box<Loan<S::Input>>>) {
        let mut waiting = self.0.waiting();
        let Waiting { items, lending, .. } = &mut *waiting;
        if !lending.is_hosted || lending.hosts != host {
            drop(waiting);
            drop_with_care(loan);
            return;
        }
        lending.recalls(&self.0.lent);
        lending.is_out = false;
        let station = loan.as_deref().map(|loan| &*loan.station);
        let is_needed = !items.is_empty() || lending.is_needed(station);
        match loan {
            Some(loan) if !is_needed => lending.puts(&self.0.lent, loan),
            loan => lending.station = loan,
        }
        let woken = is_needed.then(|| waiting.sleepers.next()).flatten();
        drop(waiting);
        wake(woken);
    }

    /// The station is no good any more: whoever looks at its spans broke, say. The
    /// message fails.
    #[cold]
    pub(super) fn lose(
        &self,
        next: &mut Next<S::Input>,
        (text, scopes): (String, Vec<Arc<Scope>>),
    ) {
        let core = self.core();
        let step = core.step_name(self.number());
        let failure = Failure::new(FailureKind::Panic(text), core.name, step, 1);
        // What was handed on from there goes before what will be, and what was borrowed
        // for it goes back.
        let told = catch(|| turn::current().get().map(Turn::tell));
        let held = told.err().map_or_else(Vec::new, |(_, scopes)| scopes);
        if let Some(turn) = turn::current().get() {
            turn.outbox.let_go();
        }
        if let Next::Borrowed(loan) = std::mem::take(next) {
            let lost = Lost {
                queue: self,
                host: loan.host,
            };
            drop_with_care(loan);
            drop(lost);
        }
        // Whoever looks at that may break again.
        for scope in scopes.into_iter().chain(held) {
            let _ = catch(|| scope.fail_message(failure.clone()));
        }
    }
}

/// A station is gone, unless this is forgotten: its task makes another.
struct Lost<'a, S: WorkflowStep> {
    queue: &'a Queue<S>,
    host: u64,
}

impl<S: WorkflowStep> Drop for Lost<'_, S> {
    fn drop(&mut self) {
        self.queue.give_back(self.host, None);
    }
}

impl<S: WorkflowStep> Edge<S> {
    /// Borrows the station at the end of the edge, if it is free.
    #[inline]
    pub(crate) fn borrow(&self, next: &mut Next<S::Input>) -> bool {
        match next {
            Next::Borrowed(_) => true,
            Next::Busy => false,
            Next::NotAsked => self.ask(next),
        }
    }

    fn ask(&self, next: &mut Next<S::Input>) -> bool {
        let has_none = |turn: &&mut Turn| turn.is_here() && turn.outbox.has_none_for(&self.queue);
        let is_called = turn::current()
            .get()
            .filter(has_none)
            .map(|turn| turn.is_called());
        let borrowed = is_called.and_then(|is_called| self.queue.borrow(is_called));
        *next = borrowed.map_or(Next::Busy, Next::Borrowed);
        matches!(next, Next::Borrowed(_))
    }

    /// Has a message worked on that is handed on then, at the station that was borrowed.
    /// When that was done; if it is to go by the queue, it comes back.
    pub(crate) fn pass<M>(
        &self,
        next: &mut Next<S::Input>,
        (message, branch): (M, Branch),
        (at, depth): (Tick, u32),
        take: impl FnOnce(M) -> S::Input,
    ) -> Result<Tick, (M, Branch)> {
        let Next::Borrowed(borrowed) = next else {
            return Err((message, branch));
        };
        let listens = does_somebody_listen();
        let is_fit = branch.is_ordinary(listens) || borrowed.shows && branch.is_shown(listens);
        if !is_fit {
            self.let_go(next);
            *next = Next::Busy;
            return Err((message, branch));
        }
        match self.queue.writer(true) {
            Writer::Alone => self.lane.meter.passes(),
            Writer::OneOfSeveral => self.lane.meter.passed(),
        }
        let station = &mut borrowed.station;
        let worked = catch_within(|| station.work(take(message), branch.from(at), at, depth));
        match worked {
            Ok(Some(at)) => return Ok(at),
            Ok(None) => self.let_go(next),
            Err(caught) => self.queue.lose(next, caught),
        }
        *next = Next::Busy;
        Ok(self.queue.core().clock.now())
    }

    /// Gives the station back.
    #[inline]
    pub(crate) fn let_go(&self, next: &mut Next<S::Input>) {
        self.queue.let_go(next);
    }

    /// The station at the end of the edge, if it is free and whoever hands something on
    /// may work there.
    #[inline]
    pub(super) fn lent_to(&self, turn: &mut Turn) -> Option<(Next<S::Input>, u32)> {
        let depth = turn.may_pass(self.queue.core())?;
        if depth >= DEEPEST {
            return None;
        }
        let is_called = turn.is_called();
        let is_patient = is_called && depth == 0 && !turn.core.is_on_one_thread;
        let outgoing = turn.outbox.loan_of(&self.queue);
        let next = outgoing.borrow(is_called, is_patient)?;
        Some((next, depth))
    }

    /// Has a message worked on there.
    pub(super) fn pass_in_turn(
        &self,
        (mut next, depth): (Next<S::Input>, u32),
        message: S::Input,
        branch: Branch,
    ) -> Result<(), (S::Input, Branch)> {
        let passed = turn::passing(depth, |until| {
            // Behind what it was handed on beside.
            let at = until.unwrap_or(branch.at);
            let on = (message, branch);
            self.pass(&mut next, on, (at, depth + 1), |message| message)
        });
        // It is still borrowed by the turn.
        match turn::current().get() {
            Some(turn) => turn.outbox.loan_of(&self.queue).comes_back(next),
            None => self.let_go(&mut next),
        }
        passed
    }
}
