//! The branches of a message that are cancelled together, and the parts that
//! wait for their siblings.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Delivery, Entries, Journey, Member, Nest, spare};
use crate::step::{Failure, FailureKind};
use crate::supervisor::Core;
use crate::telemetry::Tick;

/// Branches with one end: all of a message, or those of one member of a
/// [`Nest`].
///
/// The parts of a join wait here, with the message they belong to, and not in
/// a table of the join: when the message is gone, so are they, and there are
/// never more of them than the branches between fork and join can hold.
///
/// In this order, so that a step finds what it looks at in few cache lines: they
/// come from another processor, wherever the message does.
#[repr(C)]
pub(crate) struct Scope {
    is_cancelled: AtomicBool,
    /// When whatever is left of it fails: the message's deadline, or the end of
    /// a scope that it is inside.
    pub(crate) until: Option<Instant>,
    /// How many branches there are.
    branches: AtomicUsize,
    whole: Whole,
    /// For those who wait for the cancellation, or may not keep the message.
    cancellation: OnceLock<Arc<Cancellation>>,
    /// `None` for the message as a whole.
    pub(crate) member: Option<Member>,
    rare: OnceLock<Box<Rare>>,
}

/// The message as a whole.
enum Whole {
    /// This scope is where it began.
    Here(Journey),
    /// It began there.
    There(Arc<Scope>),
}

/// What few scopes have.
#[derive(Default)]
struct Rare {
    meetings: Mutex<Meetings>,
    /// What was opened here.
    nested: Mutex<Vec<Weak<dyn Nest>>>,
    /// The scope in which the message goes on, if that is not the first one. The
    /// previous one is cancelled by whoever replaces it.
    replacement: Mutex<Option<Weak<Scope>>>,
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
    /// The scope of a message as a whole, with one branch. `begins` says what there
    /// is to say of the message.
    ///
    /// # Panics
    ///
    /// Panics if `begins` does.
    #[inline]
    pub(super) fn new(
        core: &Arc<Core>,
        (offered, deadline): (Tick, Option<Instant>),
        begins: impl FnOnce(&mut Journey),
    ) -> Arc<Self> {
        let mut scope = spare::take(core);
        let own = loop {
            // What is spare is nobody's; a new one is certainly not.
            match Arc::get_mut(&mut scope) {
                Some(own) => break own,
                None => scope = Arc::new(Self::of(Arc::clone(core))),
            }
        };
        own.until = deadline;
        *own.branches.get_mut() = 1;
        if let Whole::Here(journey) = &mut own.whole {
            journey.begin(offered, deadline, begins);
        }
        scope
    }

    /// A scope of no message yet.
    pub(super) fn of(core: Arc<Core>) -> Self {
        Self::with(Whole::Here(Journey::none(core)), None, None)
    }

    /// Whether nobody else looks at the scope any more.
    #[inline]
    pub(super) fn is_alone(self: &Arc<Self>) -> bool {
        let is_alone = Arc::strong_count(self) == 1 && Arc::weak_count(self) == 0;
        // Behind all that was done with it by those who have let go of it.
        fence(Ordering::Acquire);
        is_alone
    }

    /// Ends the message, if nobody else looks at the scope any more, and nothing in it
    /// has to be let go of. Then it can be that of another.
    #[inline]
    pub(super) fn end_plainly(self: &Arc<Self>, entries: &mut Entries) -> bool {
        if !self.is_alone() {
            return false;
        }
        let is_plain = self.cancellation.get().is_none()
            && self.rare.get().is_none()
            && !self.is_cancelled.load(Ordering::Relaxed);
        match &self.whole {
            Whole::Here(journey) if is_plain && journey.is_unwatched() => {
                journey.end_unwatched(entries)
            }
            _ => false,
        }
    }

    /// Lets go of the message, if nobody else looks at the scope any more.
    /// Then it can be that of another.
    pub(super) fn clear(self: &mut Arc<Self>) -> bool {
        let Some(scope) = Arc::get_mut(self) else {
            return false;
        };
        let Whole::Here(journey) = &mut scope.whole else {
            return false;
        };
        // First the message, and then what may have waited for it.
        journey.end();
        *scope.is_cancelled.get_mut() = false;
        scope.cancellation.take();
        scope.member = None;
        scope.rare.take();
        true
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
        *beginning.replacement() = Some(Arc::downgrade(&scope));
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
            branches: AtomicUsize::new(0),
            member,
            until,
            rare: OnceLock::new(),
        }
    }

    /// The message.
    #[inline]
    pub(crate) fn journey(&self) -> &Journey {
        match &self.whole {
            Whole::Here(journey) => journey,
            Whole::There(beginning) => beginning.journey(),
        }
    }

    /// The scope in which the message began.
    fn beginning(self: &Arc<Self>) -> Arc<Self> {
        match &self.whole {
            Whole::There(beginning) => Arc::clone(beginning),
            Whole::Here(_) => Arc::clone(self),
        }
    }

    /// Cancels all branches of the message, wherever it goes on; `false` if they
    /// were cancelled already.
    fn cancel_all(&self) -> bool {
        let beginning = match &self.whole {
            Whole::There(beginning) => beginning,
            Whole::Here(_) => self,
        };
        fence(Ordering::SeqCst);
        let replacement = match beginning.rare.get() {
            Some(_) => beginning.replacement().clone(),
            None => None,
        };
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
    pub(super) fn leave(self: Arc<Self>) -> Delivery {
        let is_last = self.is_last();
        match &self.member {
            Some(member) if is_last && !self.is_cancelled() => member.nest.ended(member.position),
            None if is_last => {
                spare::give(self);
                Delivery::DONE
            }
            _ => Delivery::DONE,
        }
    }

    /// Whether it is a message by itself that [nobody looks
    /// at](Journey::is_unwatched), and that has a fate where it has reached a sink.
    #[inline]
    pub(super) fn is_unwatched(&self) -> bool {
        match &self.whole {
            Whole::Here(journey) => {
                journey.is_unwatched() && !journey.core.has_out && self.rare.get().is_none()
            }
            Whole::There(_) => false,
        }
    }

    /// One branch less, of what is unwatched.
    #[inline]
    pub(super) fn leave_unwatched(self: Arc<Self>) {
        if self.is_last() {
            spare::give(self);
        }
    }

    /// Whether a branch that leaves is the last.
    #[inline]
    fn is_last(&self) -> bool {
        // Nobody but a branch makes another: the last one is alone.
        self.branches.load(Ordering::Acquire) == 1
            || self.branches.fetch_sub(1, Ordering::AcqRel) == 1
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
    pub(crate) fn unwind(self: Arc<Self>, failure: Failure) -> Delivery {
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
        if let Some(rare) = self.rare.get() {
            let parts = std::mem::take(&mut *locked(&rare.meetings));
            let nested = std::mem::take(&mut *locked(&rare.nested));
            for nest in nested.iter().filter_map(Weak::upgrade) {
                nest.cancel();
            }
            drop(parts);
        }
        is_first
    }

    /// Forgets what has come of these joins: they begin anew.
    pub(crate) fn part(&self, joins: &[usize]) {
        if joins.is_empty() || self.rare.get().is_none() {
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
        locked(&self.rare().meetings)
    }

    fn nested(&self) -> MutexGuard<'_, Vec<Weak<dyn Nest>>> {
        locked(&self.rare().nested)
    }

    fn replacement(&self) -> MutexGuard<'_, Option<Weak<Self>>> {
        locked(&self.rare().replacement)
    }

    fn rare(&self) -> &Rare {
        let rare = self.rare.get_or_init(Box::default);
        // As with the cancellation: whoever adds something here and then looks
        // whether all is cancelled, or whoever cancels, sees the other.
        fence(Ordering::SeqCst);
        rare
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
