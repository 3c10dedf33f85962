//! What a step declares.

use std::time::Duration;

use super::{Rate, TURN, WorkflowStep};
use crate::budget::{Depth, Inside, InsideSpec, item_bytes};

/// The contract of a step, as its attribute declares it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Copy)]
pub struct Contract {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<Retry>,
    pub(crate) is_idempotent: bool,
    pub(crate) tick: Option<Duration>,
    pub(crate) finishes: bool,
    pub(crate) is_stateful: bool,
    /// Whether the step takes its context.
    pub(crate) is_aware: bool,
}

/// How a step runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As a future, dropped at its timeout.
    Async,
    /// Within its task, to its end.
    Inline,
    /// On a thread of tokio's blocking pool. At its timeout the wait is given
    /// up; the thread finishes.
    Blocking,
    /// As a topology with tasks of its own.
    Topology,
}

/// How often a step is tried, and how long it waits between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    pub(crate) attempts: usize,
    pub(crate) from: Duration,
    pub(crate) to: Duration,
}

impl Contract {
    #[doc(hidden)]
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            timeout: None,
            retry: None,
            is_idempotent: false,
            tick: None,
            finishes: false,
            is_stateful: false,
            is_aware: false,
        }
    }

    #[doc(hidden)]
    pub const fn asynchronous(name: &'static str) -> Self {
        Self::new(name, Kind::Async)
    }

    #[doc(hidden)]
    pub const fn inline(name: &'static str) -> Self {
        Self::new(name, Kind::Inline)
    }

    #[doc(hidden)]
    pub const fn blocking(name: &'static str) -> Self {
        Self::new(name, Kind::Blocking)
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.is_idempotent = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn aware(mut self) -> Self {
        self.is_aware = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn stateful(mut self) -> Self {
        self.is_stateful = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn ticking(mut self, period: Duration) -> Self {
        self.tick = Some(period);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn finishing(mut self) -> Self {
        self.finishes = true;
        self
    }

    /// The name of the step's function, or of a stateful step's type.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How the step runs.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The longest that one attempt may take.
    pub const fn attempt_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// How often a message is tried at most: 1 without a retry.
    pub const fn attempts(&self) -> usize {
        match self.retry {
            Some(retry) => retry.attempts,
            None => 1,
        }
    }

    /// Whether running twice has the effect of running once.
    pub const fn is_idempotent(&self) -> bool {
        self.is_idempotent
    }

    /// How often the step does something by itself: the period of its `tick`.
    pub const fn tick(&self) -> Option<Duration> {
        self.tick
    }

    /// Whether the step has something to do at last: a `finish`.
    pub const fn finishes(&self) -> bool {
        self.finishes
    }

    /// Whether each replica has a state of its own.
    pub const fn is_stateful(&self) -> bool {
        self.is_stateful
    }

    /// Whether the step, or the thread that it runs on, looks at its context.
    pub(crate) const fn needs_context(&self) -> bool {
        self.is_aware || matches!(self.kind, Kind::Blocking)
    }

    /// Whether the step asks for nothing but its message and state, if it is a
    /// function.
    pub(crate) const fn is_on_state(&self) -> bool {
        matches!(self.kind, Kind::Async | Kind::Inline) && !self.is_aware
    }

    /// Whether the step begins messages of its own.
    pub(crate) const fn begins_messages(&self) -> bool {
        self.tick.is_some() || self.finishes
    }
}

impl Retry {
    /// The backoff of a retry that declares none.
    const BACKOFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

    /// That many attempts, the first included.
    pub const fn new(attempts: usize) -> Self {
        Self {
            attempts,
            from: Self::BACKOFF.0,
            to: Self::BACKOFF.1,
        }
    }

    /// Waits before the first retry up to `from`, then up to twice as long each
    /// time, and never longer than `to`.
    #[must_use]
    pub const fn backoff(mut self, from: Duration, to: Duration) -> Self {
        self.from = from;
        self.to = to;
        self
    }
}

/// A step's place in a topology.
#[derive(Debug, Clone, Copy)]
pub struct StepSpec {
    pub(crate) name: &'static str,
    /// The most that there are.
    pub(crate) replicas: usize,
    /// The fewest.
    pub(crate) least: usize,
    /// Whether messages of one key keep their order, and their replica.
    pub(crate) is_keyed: bool,
    pub(crate) rate: Option<Rate>,
    /// How many messages it takes at once, and how long it waits for them.
    pub(crate) batch: Option<(usize, Duration)>,
    /// The number of the boundary that it is in.
    pub(crate) boundary: Option<usize>,
    /// The size of one message, in bytes.
    pub(crate) item: usize,
    /// What one takes while it waits on an edge.
    pub(crate) waiting: usize,
    pub(crate) contract: Contract,
    /// Of a topology.
    pub(crate) inside: Option<InsideSpec>,
}

impl StepSpec {
    /// The step `S` under a name, with one replica.
    pub const fn of<S: WorkflowStep, D: Depth>(name: &'static str) -> Self {
        Self {
            name,
            replicas: 1,
            least: 1,
            is_keyed: false,
            rate: None,
            batch: None,
            boundary: None,
            item: size_of::<S::Input>(),
            waiting: item_bytes::<S::Input>(),
            contract: S::CONTRACT,
            inside: <S::Inside<D::Next> as Inside>::INSIDE,
        }
    }

    /// How many messages the step works on at once.
    #[must_use]
    pub const fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self.least = replicas;
        self
    }

    /// The same, and at times fewer.
    #[must_use]
    pub const fn at_least(mut self, least: usize) -> Self {
        self.least = least;
        self
    }

    /// Messages of one key keep their order, and their replica.
    #[must_use]
    pub const fn keyed(mut self) -> Self {
        self.is_keyed = true;
        self
    }

    /// How many attempts it may begin, all replicas together.
    #[must_use]
    pub const fn rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    /// How many replicas have to be held before a message waits for all that might
    /// take it: not those that come and go, and of those that share the messages by
    /// key the one that has its key.
    pub(crate) const fn fewest(&self) -> usize {
        if self.is_keyed { 1 } else { self.least }
    }

    /// Whether it matters which replica takes a message.
    pub(crate) const fn has_seats(&self) -> bool {
        self.is_keyed || self.least < self.replicas
    }

    /// How many messages the step takes at once, and how long the first of them
    /// waits for others.
    #[must_use]
    pub const fn batch(mut self, most: usize, linger: Duration) -> Self {
        self.batch = Some((most, linger));
        self
    }

    /// The number of the boundary that the step is in.
    #[must_use]
    pub const fn inside(mut self, boundary: usize) -> Self {
        self.boundary = Some(boundary);
        self
    }

    /// How many messages a task of the step may start on before others have their
    /// turn. On a thread of its own each of them may take long, and by then
    /// everything is to be told that came of the one before.
    pub(crate) const fn turn(&self) -> u32 {
        match self.boundary {
            Some(_) => 1,
            None => TURN,
        }
    }

    /// How many messages so many replicas work on at once.
    pub(crate) const fn at_once(&self, replicas: usize) -> usize {
        let each = match self.batch {
            Some((most, _)) => most,
            None => 1,
        };
        replicas.saturating_mul(each)
    }

    /// How many messages it can hold.
    pub(crate) const fn held(&self) -> u64 {
        let each = match (&self.inside, self.batch) {
            (Some(inside), _) => inside.held,
            (None, Some((most, _))) => most as u64,
            (None, None) => 1,
        };
        (self.replicas as u64).saturating_mul(each)
    }
}
