//! One accepted message, from its first edge to its fate.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Span;

use super::{Entries, Fate};
use crate::message::{Origin, SpanId, TraceContext, TraceFlags, TraceId, TraceState};
use crate::step::{Failure, FailureKind};
use crate::supervisor::{Core, turn};
use crate::telemetry::{AtomicTick, Tick, spans};

/// What all branches of a message share, in its outermost [`Scope`](super::Scope).
/// When the last branch is gone, so is the message, and one that has no fate by then
/// gets one. The journey may be that of another message afterwards.
#[repr(C)]
pub(crate) struct Journey {
    /// The context of the message's own span.
    pub(crate) context: TraceContext,
    pub(crate) core: Arc<Core>,
    pub(crate) span: Span,
    pub(crate) offered: Tick,
    pub(crate) deadline: Option<Instant>,
    /// Whether a step began it: nobody waits for its answer.
    is_from_inside: bool,
    /// [`OPEN`], 1 more than the [`Fate`], or [`GONE`].
    fate: AtomicU8,
    reached_a_sink: AtomicBool,
    /// When a branch ended last.
    reached: AtomicTick,
    has_reply: bool,
    reply: Mutex<Option<Reply>>,
}

/// The message has no fate yet.
const OPEN: u8 = 0;
/// Nothing of the message is left.
const GONE: u8 = u8::MAX;

/// Where the outcome goes.
pub(crate) enum Reply {
    /// To a caller.
    Call(oneshot::Sender<Settled>),
    Told(Box<dyn FnOnce(Settled) + Send>),
}

impl Reply {
    fn tell(self, settled: Settled) {
        match self {
            // A caller that went away gets nothing.
            Self::Call(caller) => drop(caller.send(settled)),
            Self::Told(tell) => tell(settled),
        }
    }
}

/// The outcome of a message.
pub(crate) enum Settled {
    /// What arrived at `out`.
    Completed(Option<Box<dyn Any + Send>>),
    Failed(Failure),
    Ended,
    Abandoned,
}

impl Settled {
    fn fate(&self) -> Fate {
        match self {
            Self::Completed(_) => Fate::Completed,
            Self::Failed(_) => Fate::Failed,
            Self::Ended => Fate::Ended,
            Self::Abandoned => Fate::Abandoned,
        }
    }
}

impl Journey {
    /// Of no message yet.
    pub(super) fn none(core: Arc<Core>) -> Self {
        let nowhere = (TraceId::LEAST, SpanId::LEAST, TraceFlags::default());
        Self {
            context: TraceContext::new(nowhere.0, nowhere.1, nowhere.2, TraceState::EMPTY),
            core,
            span: Span::none(),
            offered: Tick::ZERO,
            deadline: None,
            is_from_inside: false,
            fate: AtomicU8::new(GONE),
            reached_a_sink: AtomicBool::new(false),
            reached: AtomicTick::default(),
            has_reply: false,
            reply: Mutex::new(None),
        }
    }

    /// A message begins, behind one of which nothing is left: `begins` says all else
    /// of it.
    #[inline]
    pub(super) fn begin(
        &mut self,
        offered: Tick,
        deadline: Option<Instant>,
        begins: impl FnOnce(&mut Self),
    ) {
        debug_assert_eq!(*self.fate.get_mut(), GONE, "one message at a time");
        self.offered = offered;
        self.deadline = deadline;
        self.is_from_inside = false;
        *self.reached_a_sink.get_mut() = false;
        // What panics here has not begun.
        begins(self);
        *self.fate.get_mut() = OPEN;
    }

    /// The message comes from there.
    #[inline]
    pub(crate) fn comes_from<P: 'static>(&mut self, origin: &Origin, payload: &P) {
        self.context = origin.begun(&self.core.sampler, payload);
        if self.context.is_sampled() {
            self.span = spans::message(self.core.name, origin, &self.context);
        }
    }

    /// A step has begun the message, which is accepted at once.
    pub(crate) fn comes_from_inside(&mut self, origin: &Origin, span: Span) {
        self.core.accounts.accept_from_inside();
        self.is_from_inside = true;
        self.context = origin.context.clone();
        self.span = span;
    }

    /// Somebody waits for its outcome.
    #[inline]
    pub(crate) fn is_told_to(&mut self, reply: Reply) {
        self.has_reply = true;
        self.reply = Mutex::new(Some(reply));
    }

    pub(crate) fn has_fate(&self) -> bool {
        self.fate.load(Ordering::Acquire) != OPEN
    }

    pub(crate) fn reach_a_sink(&self) {
        self.reached_a_sink.store(true, Ordering::Relaxed);
    }

    /// A branch has ended.
    #[inline]
    pub(super) fn reach(&self, at: Tick) {
        self.reached.set(at);
    }

    /// Whether the deadline has passed at `now`.
    pub(crate) fn is_late(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// Answered `at` that time; `false` if the message had a fate already.
    pub(crate) fn complete(&self, answer: Box<dyn Any + Send>, at: Tick) -> bool {
        self.claim(Settled::Completed(Some(answer)), Some(at))
    }

    /// The message has failed; `false` if it had a fate already. A failure behind
    /// an answer is counted and reported, and changes nothing.
    pub(super) fn fail(&self, failure: Failure) -> bool {
        let (kind, text) = (failure.kind().name(), failure.to_string());
        if self.claim(Settled::Failed(failure), None) {
            spans::message_failed(self, kind, &text);
            return true;
        }
        if self.fate.load(Ordering::Acquire) == Fate::Completed as u8 + 1 {
            self.fail_late(&text);
        }
        false
    }

    /// Something failed that changes the message's fate no more.
    pub(crate) fn fail_late(&self, text: &str) {
        self.core.accounts.fail_late();
        spans::late_failure(self, text);
    }

    /// `false` if the message had a fate already.
    pub(super) fn abandon(&self) -> bool {
        self.claim(Settled::Abandoned, None)
    }

    /// The first to claim the fate decides it: `at` that time, or now.
    fn claim(&self, settled: Settled, at: Option<Tick>) -> bool {
        let fate = settled.fate();
        let claimed = self
            .fate
            .compare_exchange(OPEN, fate as u8 + 1, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        if claimed {
            let at = at.unwrap_or_else(|| self.core.clock.now());
            self.settled(settled, at);
        }
        claimed
    }

    fn settled(&self, settled: Settled, at: Tick) {
        let (fate, took) = (settled.fate(), at.since(self.offered));
        let accounts = &self.core.accounts;
        // Whoever gets the answer finds it in the books.
        let is_later =
            !self.has_reply && self.in_turn(|entries| entries.settle(fate, took, accounts));
        if !is_later {
            accounts.settle(fate, took);
        }
        if self.context.is_sampled() {
            spans::settled(self, fate);
        }
        if self.has_reply {
            self.reply(settled);
        }
    }

    /// Enters something in the books when the turn is over; `false` if it has to
    /// be done now.
    fn in_turn(&self, enter: impl FnOnce(&mut Entries)) -> bool {
        let mut turn = turn::current();
        let own = turn.get().filter(|turn| turn.is_of(&self.core));
        own.map(|turn| enter(&mut turn.entries)).is_some()
    }

    fn reply(&self, settled: Settled) {
        let reply = self.reply.lock();
        let reply = reply.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reply) = reply {
            reply.tell(settled);
        }
    }

    /// Whether nobody looks at the message or waits for it: it has no spans.
    #[inline]
    pub(super) fn is_unwatched(&self) -> bool {
        self.span.is_none() && !self.has_reply && self.context.state().is_empty()
    }

    /// All branches have ended: nothing is left of a message that is
    /// [unwatched](Self::is_unwatched). For whoever is alone with it. `false` if that is
    /// a failure, which somebody may look at.
    #[inline]
    pub(super) fn end_unwatched(&self, entries: &mut Entries) -> bool {
        if self.fate.load(Ordering::Relaxed) == OPEN {
            let Some(settled) = self.end_without_failure() else {
                return false;
            };
            let took = self.reached.get().since(self.offered);
            entries.settle(settled.fate(), took, &self.core.accounts);
        }
        self.fate.store(GONE, Ordering::Relaxed);
        entries.leave();
        true
    }

    /// The same of any other, or where there are no entries to be made.
    pub(super) fn end(&mut self) {
        let fate = *self.fate.get_mut();
        if fate == GONE {
            return;
        }
        if fate == OPEN {
            match self.end_without_failure() {
                Some(settled) => {
                    *self.fate.get_mut() = settled.fate() as u8 + 1;
                    self.settled(settled, self.reached.get());
                }
                None => {
                    let kind = FailureKind::Unanswered;
                    self.fail(Failure::new(kind, self.core.name, "out", 0));
                }
            }
        }
        *self.fate.get_mut() = GONE;
        let had_reply = std::mem::take(&mut self.has_reply);
        let span = std::mem::replace(&mut self.span, Span::none());
        let reply = std::mem::replace(&mut self.reply, Mutex::new(None));
        if had_reply || !self.in_turn(Entries::leave) {
            self.core.accounts.leave();
        }
        // At last: what is told of it may panic.
        drop((span, reply));
    }

    /// What a message comes to that all branches have left, and that has not failed;
    /// nothing if that is a failure.
    #[inline]
    fn end_without_failure(&self) -> Option<Settled> {
        let may_complete = !self.core.has_out || self.is_from_inside;
        if may_complete && self.reached_a_sink.load(Ordering::Relaxed) {
            Some(Settled::Completed(None))
        } else if self.core.may_end || self.is_from_inside {
            Some(Settled::Ended)
        } else {
            None
        }
    }
}

impl Drop for Journey {
    fn drop(&mut self) {
        self.end();
    }
}
