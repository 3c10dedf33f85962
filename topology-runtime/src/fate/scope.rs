//! The branches of a message that are cancelled together, and the parts that
//! wait for their siblings.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Delivery, Journey, Member, Nest};
use crate::step::{Failure, FailureKind};

/// Branches with one end: all of a message, or those of one member of a
/// [`Nest`].
///
/// The parts of a join wait here, with the message they belong to, and not in
/// a table of the join: when the message is gone, so are they, and there are
/// never more of them than the branches between fork and join can hold.
pub(crate) struct Scope {
    whole: Whole,
    is_cancelled: AtomicBool,
    /// For those who wait for the cancellation, or may not keep the message.
    cancellation: OnceLock<Arc<Cancellation>>,
    meetings: Mutex<Meetings>,
    /// How many branches there are.
    branches: AtomicUsize,
    /// `None` for the message as a whole.
    pub(crate) member: Option<Member>,
    /// When whatever is left of it fails: the message's deadline, or the end of
    /// a scope that it is inside.
    pub(crate) until: Option<Instant>,
    /// What was opened here.
    nested: Mutex<Vec<Weak<dyn Nest>>>,
}

/// The message as a whole.
enum Whole {
    /// This scope is where it began.
    Here(Journey),
    /// It began there.
    There(Arc<Scope>),
}

/// Whether some branches are cancelled. It knows nothing of their message, so
/// that a step may keep it without keeping the message alive.
#[derive(Default)]
pub(crate) struct Cancellation {
    is_cancelled: AtomicBool,
    cancelled: Notify,
}

/// What has come of each join so far, by the number of the join's step.
pub(crate) type Meetings = Vec<(usize, Box<dyn Any + Send>)>;

impl Scope {
    /// The scope of a message as a whole, with one branch.
    pub(super) fn new(journey: Journey) -> Arc<Self> {
        let until = journey.deadline;
        let mut scope = Self::with(Whole::Here(journey), None, until);
        *scope.branches.get_mut() = 1;
        Arc::new(scope)
    }

    /// The scope of a member of a nest in this one.
    pub(crate) fn inside(self: &Arc<Self>, member: Member, until: Option<Instant>) -> Arc<Self> {
        let whole = Whole::There(self.beginning());
        Arc::new(Self::with(whole, Some(member), until))
    }

    /// A scope in which the message as a whole goes on, instead of all that it
    /// is in; `None` if it goes on like that already.
    pub(super) fn instead(self: &Arc<Self>) -> Option<Arc<Self>> {
        let beginning = self.beginning();
        if !beginning.cancel_all() {
            return None;
        }
        let until = self.journey().deadline;
        let whole = Whole::There(Arc::clone(&beginning));
        let scope = Arc::new(Self::with(whole, None, until));
        *beginning.journey().replacement() = Some(Arc::downgrade(&scope));
        // A message that failed meanwhile does not come to life again.
        if beginning.journey().has_fate() {
            scope.cancel();
        }
        Some(scope)
    }

    fn with(whole: Whole, member: Option<Member>, until: Option<Instant>) -> Self {
        Self {
            whole,
            is_cancelled: AtomicBool::new(false),
            cancellation: OnceLock::new(),
            meetings: Mutex::new(Vec::new()),
            branches: AtomicUsize::new(0),
            member,
            until,
            nested: Mutex::new(Vec::new()),
        }
    }

    /// The message.
    pub(crate) fn journey(&self) -> &Journey {
        match &self.whole {
            Whole::Here(journey) => journey,
            Whole::There(beginning) => beginning.journey(),
        }
    }

    /// The scope in which the message began.
    fn beginning(self: &Arc<Self>) -> Arc<Self> {
        match &self.whole {
            Whole::Here(_) => Arc::clone(self),
            Whole::There(beginning) => Arc::clone(beginning),
        }
    }

    /// Cancels all branches of the message, wherever it goes on; `false` if they
    /// were cancelled already.
    fn cancel_all(&self) -> bool {
        let beginning = match &self.whole {
            Whole::Here(_) => self,
            Whole::There(beginning) => beginning,
        };
        let replacement = beginning.journey().replacement().clone();
        match replacement {
            None => beginning.cancel(),
            Some(scope) => scope.upgrade().is_some_and(|scope| scope.cancel()),
        }
    }

    /// Fails the message and cancels its branches.
    pub(crate) fn fail_message(&self, failure: Failure) {
        if self.journey().fail(failure) {
            self.cancel_all();
        }
    }

    /// Fails the message if it has no fate yet.
    pub(crate) fn give_up(&self, failure: Failure) {
        if !self.journey().has_fate() {
            self.fail_message(failure);
        }
    }

    /// Gives the message up if it has no fate yet.
    pub(crate) fn abandon(&self) {
        if self.journey().abandon() {
            self.cancel_all();
        }
    }

    /// One more branch.
    pub(super) fn enter(&self) {
        self.branches.fetch_add(1, Ordering::Relaxed);
    }

    /// One branch less. Behind the last, the member of a nest has ended.
    pub(super) fn leave(&self) -> Delivery {
        let is_last = self.branches.fetch_sub(1, Ordering::AcqRel) == 1;
        match &self.member {
            Some(member) if is_last && !self.is_cancelled() => member.nest.ended(member.position),
            _ => Delivery::DONE,
        }
    }

    /// What is inside fails: the message, or what a member belongs to.
    pub(crate) fn fail(&self, failure: Failure) -> Delivery {
        match &self.member {
            Some(member) => member.nest.failed(member.position, failure),
            None => {
                self.fail_message(failure);
                Delivery::DONE
            }
        }
    }

    /// A branch was dropped by a panic.
    pub(crate) fn unwind(&self, failure: Failure) -> Delivery {
        if self.is_cancelled() {
            return self.leave();
        }
        self.fail(failure).and(self.leave())
    }

    /// Cancels a nest together with everything else in this scope.
    pub(crate) fn nest(&self, nest: &Arc<dyn Nest>) {
        self.nested().push(Arc::downgrade(nest));
        if self.is_cancelled() {
            nest.cancel();
        }
    }

    /// The cancellation by itself.
    pub(crate) fn cancellation(&self) -> Arc<Cancellation> {
        let cancellation = Arc::clone(self.cancellation.get_or_init(Arc::default));
        // Whoever cancels sets the flag and then looks for this; here it is the
        // other way round, so one of the two sees the other.
        fence(Ordering::SeqCst);
        if self.is_cancelled() {
            cancellation.cancel();
        }
        cancellation
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }

    /// What kind of failure it is that time is up; `None` if it is not.
    pub(crate) fn lateness(&self, now: Instant) -> Option<FailureKind> {
        if self.journey().is_late(now) {
            return Some(FailureKind::Deadline);
        }
        let is_late = self.until.is_some_and(|until| until <= now);
        is_late.then_some(FailureKind::ScopeTimeout)
    }

    /// Cancels every branch: running steps are dropped, waiting ones never
    /// start, parts that wait are dropped here, and so is all that is nested.
    /// `false` if they were cancelled already.
    pub(crate) fn cancel(&self) -> bool {
        let is_first = !self.is_cancelled.swap(true, Ordering::AcqRel);
        fence(Ordering::SeqCst);
        if let Some(cancellation) = self.cancellation.get() {
            cancellation.cancel();
        }
        let parts = std::mem::take(&mut *self.meetings());
        let nested = std::mem::take(&mut *self.nested());
        for nest in nested.iter().filter_map(Weak::upgrade) {
            nest.cancel();
        }
        drop(parts);
        is_first
    }

    /// Forgets what has come of these joins: they begin anew.
    pub(crate) fn part(&self, joins: &[usize]) {
        if joins.is_empty() {
            return;
        }
        let mut meetings = self.meetings();
        let (over, open) = std::mem::take(&mut *meetings)
            .into_iter()
            .partition(|(join, _)| joins.contains(join));
        *meetings = open;
        drop(meetings);
        let _: Meetings = over;
    }

    pub(crate) fn meetings(&self) -> MutexGuard<'_, Meetings> {
        self.meetings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn nested(&self) -> MutexGuard<'_, Vec<Weak<dyn Nest>>> {
        self.nested.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cancellation {
    /// `false` if it was cancelled already.
    pub(crate) fn cancel(&self) -> bool {
        let is_first = !self.is_cancelled.swap(true, Ordering::AcqRel);
        self.cancelled.notify_waiters();
        is_first
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }

    /// Waits until the branches are cancelled. Cancellation safe.
    pub(crate) async fn cancelled(&self) {
        loop {
            let mut cancelled = std::pin::pin!(self.cancelled.notified());
            cancelled.as_mut().enable();
            if self.is_cancelled() {
                return;
            }
            cancelled.await;
        }
    }
}
