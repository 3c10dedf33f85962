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
    pub(crate) journey: Arc<Journey>,
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
    /// The scope of a message as a whole.
    pub(crate) fn new(journey: Arc<Journey>) -> Arc<Self> {
        let until = journey.deadline;
        let scope = Arc::new(Self::with(journey, None, until));
        scope.journey.enter(&scope);
        scope
    }

    /// The scope of a member of a nest.
    pub(crate) fn inside(
        journey: Arc<Journey>,
        member: Member,
        until: Option<Instant>,
    ) -> Arc<Self> {
        Arc::new(Self::with(journey, Some(member), until))
    }

    fn with(journey: Arc<Journey>, member: Option<Member>, until: Option<Instant>) -> Self {
        Self {
            journey,
            is_cancelled: AtomicBool::new(false),
            cancellation: OnceLock::new(),
            meetings: Mutex::new(Vec::new()),
            branches: AtomicUsize::new(0),
            member,
            until,
            nested: Mutex::new(Vec::new()),
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
                self.journey.fail(failure);
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
        if self.journey.is_late(now) {
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
