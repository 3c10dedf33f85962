//! How messages go into a node, out of it, and where they go when it fails.

use crate::report::Place;

/// One statement's way into a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// How its edges come together.
    pub kind: EntryKind,
    /// Indices into [`Topology::edges`](super::Topology::edges); for a join, in
    /// the order of its parts.
    pub edges: Vec<usize>,
}

/// How the edges of one statement come together in a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// The node takes whichever comes: `a -> c`, `a | b -> c`, an arm.
    Merge,
    /// It runs once all parts have come: `a & b -> c`.
    Join,
    /// It takes the first of the arms of a race: `a ^ b -> c`.
    Race,
    /// It takes each item of what comes: `a -> each c`.
    Each,
    /// It takes the results of one scope together: `a -> all c`.
    All,
    /// Another step calls it: `a >> c`.
    Call,
    /// It takes failures: `a else c`.
    Failure,
}

/// One statement's way out of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exit {
    /// Who gets the message.
    pub kind: ExitKind,
    /// Indices into [`Topology::edges`](super::Topology::edges).
    pub edges: Vec<usize>,
}

/// Who gets what leaves a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExitKind {
    /// Every edge: `a -> b`, and a fork, `a -> b & c`.
    All,
    /// The step that is called: `a >> b`.
    Call,
    /// One of the edges, by what the message is: `a -> match { .. }`.
    Match(Vec<Arm>),
    /// That was left open, which is a fault: `a -> b | c`.
    Either,
    /// Every edge, as arms of a race: `a -> b ^ c`.
    Race,
    /// One edge, item by item: `a -> each b`.
    Each,
}

/// An arm of a `match`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arm {
    /// `Verdict::Clear(order)`
    pub pattern: String,
    /// What stands behind its `if`.
    pub guard: Option<String>,
    /// An index into [`Topology::edges`](super::Topology::edges), which arms may
    /// share; `None` for `discard`.
    pub edge: Option<usize>,
    /// What the target gets; `None` for `discard`.
    pub payload: Option<String>,
}

/// What becomes of a message that a step could not take in time, or failed on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Where it goes.
    pub kind: FailureKind,
    /// Whether the bare `else ..;` says so, and not the step's own.
    pub is_default: bool,
    /// What stands behind `else`.
    pub place: Place,
}

/// Where failures go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// `else fail`: the message fails.
    Fail,
    /// `else skip`: the branch ends quietly.
    Skip,
    /// `else abort`: the topology stops taking messages.
    Abort,
    /// `else step`: the branch goes on along this edge.
    Step(usize),
    /// `else instead step`: the whole message goes on along this edge.
    Instead(usize),
}

impl Arm {
    /// `order if order.total > limit`
    pub fn text(&self) -> String {
        match &self.guard {
            Some(guard) => format!("{} if {guard}", self.pattern),
            None => self.pattern.clone(),
        }
    }
}
