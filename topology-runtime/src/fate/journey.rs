//! One accepted message, from its first edge to its fate.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;
use tracing::Span;

use super::{Entries, Fate};
use crate::message::TraceContext;
use crate::step::{Failure, FailureKind};
use crate::supervisor::{Core, turn};
use crate::telemetry::{AtomicTick, Tick, spans};

/// What all branches of a message share, in its outermost [`Scope`]. When the
/// last branch is gone, so is this, and a message that has no fate by then gets
/// one.
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
    /// 0, or 1 more than the [`Fate`].
    fate: AtomicU8,
    reached_a_sink: AtomicBool,
    /// When a branch ended last.
    reached: AtomicTick,
    has_reply: bool,
    reply: Mutex<Option<Reply>>,
}

/// Where the outcome goes.
pub(crate) type Reply = Box<dyn FnOnce(Settled) + Send>;

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
    #[inline]
    pub(crate) fn new(
        core: Arc<Core>,
        context: TraceContext,
        span: Span,
        offered: Tick,
        deadline: Option<Instant>,
        reply: Option<Reply>,
    ) -> Self {
        Self {
            core,
            context,
            span,
            offered,
            deadline,
            is_from_inside: false,
            fate: AtomicU8::new(0),
            reached_a_sink: AtomicBool::new(false),
            reached: AtomicTick::default(),
            has_reply: reply.is_some(),
            reply: Mutex::new(reply),
        }
    }

    /// A message that a step begins, accepted at once.
    pub(crate) fn from_inside(core: Arc<Core>, context: TraceContext, span: Span) -> Self {
        core.accounts.accept_from_inside();
        let now = Instant::now();
        let deadline = core.deadline.and_then(|within| now.checked_add(within));
        let offered = core.clock.tick(now);
        let mut journey = Self::new(core, context, span, offered, deadline, None);
        journey.is_from_inside = true;
        journey
    }

    pub(crate) fn has_fate(&self) -> bool {
        self.fate.load(Ordering::Acquire) != 0
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
            .compare_exchange(0, fate as u8 + 1, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        if claimed {
            let at = at.unwrap_or_else(|| self.core.clock.now());
            self.settled(settled, at);
        }
        claimed
    }

    /// The same where nobody else can.
    fn claim_last(&mut self, settled: Settled) {
        *self.fate.get_mut() = settled.fate() as u8 + 1;
        self.settled(settled, self.reached.get());
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
}

impl Journey {
    fn reply(&self, settled: Settled) {
        let reply = self.reply.lock();
        let reply = reply.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reply) = reply {
            reply(settled);
        }
    }
}

impl Drop for Journey {
    /// All branches have ended, and none of them failed.
    fn drop(&mut self) {
        if *self.fate.get_mut() == 0 {
            let may_complete = !self.core.has_out || self.is_from_inside;
            if may_complete && *self.reached_a_sink.get_mut() {
                self.claim_last(Settled::Completed(None));
            } else if self.core.may_end || self.is_from_inside {
                self.claim_last(Settled::Ended);
            } else {
                let failure = Failure::new(FailureKind::Unanswered, self.core.name, "out", 0);
                self.fail(failure);
            }
        }
        if self.has_reply || !self.in_turn(Entries::leave) {
            self.core.accounts.leave();
        }
    }
}
