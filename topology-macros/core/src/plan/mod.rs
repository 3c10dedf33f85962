//! The validated models: what expansion may rely on, so that it cannot fail.

mod hops;
mod loops;
mod names;
mod notes;
mod planner;
mod tables;

use std::time::Duration;

use proc_macro2::TokenStream;
use syn::{Attribute, Ident, Path, Type, Visibility};

use crate::amount::Amount;
use crate::graph::{Arm, Contract, Declared, Isolation, Key, Rate, Strategy};
use crate::syntax::{Kind, Output, Retry, Step};

/// A topology that obeys every rule.
pub(crate) struct Plan {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) input: Type,
    pub(crate) output: Output,
    pub(crate) state: Option<Type>,
    pub(crate) deadline: Option<Amount<Duration>>,
    pub(crate) memory: Option<Amount<u64>>,
    /// What is restarted with one of the boundaries that are inside no other.
    pub(crate) strategy: Option<Strategy>,
    pub(crate) steps: Vec<PlannedStep>,
    pub(crate) boundaries: Vec<PlannedBoundary>,
    /// The numbers of the steps, each behind those that lead to it.
    pub(crate) order: Vec<usize>,
    /// The edges with a queue; calls are part of their caller's exit.
    pub(crate) edges: Vec<PlannedEdge>,
    /// The edges that leave `in`.
    pub(crate) entrance: Vec<usize>,
    /// The end of the race that begins at `in`.
    pub(crate) race: Option<usize>,
    /// All ways from node to node, each behind those that lead to it.
    pub(crate) hops: Vec<Hop>,
    /// What the parts that wait at each join are bounded by.
    pub(crate) tables: Vec<Table>,
    /// The loops, each before those that it is inside.
    pub(crate) loops: Vec<LoopPlan>,
    /// The edges that may be idle boundaries: the steps, and the arrow.
    pub(crate) idle: Vec<(usize, usize, TokenStream)>,
    /// The edges that may be too hasty, with the steps of the task behind each.
    pub(crate) hasty: Vec<(usize, Vec<usize>)>,
    /// The steps that may have states and no key: those of the task, and what to
    /// underline.
    pub(crate) unkeyed: Vec<(Vec<usize>, TokenStream)>,
    /// What is said of keys behind replicas that overtake, and what to underline.
    pub(crate) overtaken: Vec<(String, TokenStream)>,
    /// The notes that are waived. Whether one of them applies only the compiler
    /// knows.
    pub(crate) waived: Vec<WaivedNote>,
    pub(crate) mermaid: String,
}

/// One way from a node to another.
pub(crate) struct Hop {
    /// `None` for `in`.
    pub(crate) from: Option<usize>,
    /// `None` for `out`.
    pub(crate) to: Option<usize>,
    /// `None` for a call.
    pub(crate) edge: Option<usize>,
    /// The `each` whose scope lies between.
    pub(crate) scope: Option<usize>,
}

/// A loop: node numbers count `in` as 0.
pub(crate) struct LoopPlan {
    pub(crate) header: usize,
    /// The node that each back edge leaves, and the edge.
    pub(crate) backs: Vec<(usize, usize)>,
    /// The ways inside: from, to, the edge unless it is a call, and whether it
    /// brings whole messages.
    pub(crate) ways: Vec<(usize, usize, Option<usize>, bool)>,
    /// The steps inside that have tasks.
    pub(crate) steps: Vec<usize>,
}

/// What a message that takes a back edge begins anew.
pub(crate) struct BackPlan {
    pub(crate) rounds: Amount<usize>,
    /// How many loops its own is inside.
    pub(crate) depth: usize,
    /// The back edges of the loops inside.
    pub(crate) inner: Vec<usize>,
    /// The joins inside.
    pub(crate) joins: Vec<usize>,
}

/// The parts that wait at a join: each has a sibling on one of these edges, or
/// in one of these steps.
pub(crate) struct Table {
    pub(crate) step: usize,
    pub(crate) edges: Vec<usize>,
    pub(crate) steps: Vec<usize>,
    /// Of a scope: the `each` that opens it, the step that does, and the step
    /// whose results wait.
    pub(crate) scope: Option<(usize, usize, Option<usize>)>,
}

pub(crate) struct PlannedBoundary {
    pub(crate) name: String,
    pub(crate) isolation: Isolation,
    /// The word for that.
    pub(crate) kind: Ident,
    /// The number of the boundary that it is inside.
    pub(crate) outer: Option<usize>,
    pub(crate) declared: Declared,
}

pub(crate) struct PlannedStep {
    pub(crate) name: String,
    /// The variable that holds its queue.
    pub(crate) binding: Ident,
    /// The type that stands for its contract, so that a path which leads
    /// nowhere is one error.
    pub(crate) alias: Ident,
    pub(crate) path: Path,
    pub(crate) mention: TokenStream,
    pub(crate) replicas: Option<Amount<usize>>,
    /// The fewest, where their number changes.
    pub(crate) least: Option<Amount<usize>>,
    /// What is said of replicas.
    pub(crate) said: Option<TokenStream>,
    /// Where their number changes: the step, and those that it calls.
    pub(crate) task: Vec<usize>,
    pub(crate) key: Option<Key>,
    pub(crate) rate: Option<Rate>,
    /// The number of the boundary that it is in, and where that names it.
    pub(crate) boundary: Option<(usize, TokenStream)>,
    /// The number of the boundary that is the process in which it runs.
    pub(crate) process: Option<usize>,
    /// The edge that says how the step takes batches.
    pub(crate) batch: Option<usize>,
    pub(crate) entry: EntryPlan,
    /// The first arrow that leads here.
    pub(crate) arrow: Option<TokenStream>,
    pub(crate) exit: ExitPlan,
    pub(crate) otherwise: OtherwisePlan,
    /// Whether a message that begins here would be waited for in vain.
    pub(crate) is_partial: bool,
    /// The parts of joins that wait in vain if a branch ends here.
    pub(crate) passed_over: Vec<usize>,
}

pub(crate) enum EntryPlan {
    /// A queue that one or several edges lead to.
    Queue,
    /// A table that the parts of a message meet in, and a queue for those
    /// that have met.
    Join {
        parts: usize,
        /// The sources as they were written.
        anchor: TokenStream,
        /// Whether all parts may be missing, and the join with them.
        can_be_skipped: bool,
    },
    /// None: another step calls it.
    Call,
    /// None: messages begin here.
    Source,
}

impl EntryPlan {
    /// Whether messages wait here.
    pub(crate) fn has_queue(&self) -> bool {
        matches!(self, Self::Queue | Self::Join { .. })
    }
}

pub(crate) enum ExitPlan {
    Sink,
    /// One edge, or several that each get a clone.
    All {
        edges: Vec<usize>,
        anchor: TokenStream,
    },
    /// One edge, item by item.
    Each {
        edge: usize,
        /// The edge that collects what comes of them.
        all: Option<usize>,
        anchor: TokenStream,
    },
    /// Several edges that each get a clone, as arms of a race.
    Race {
        edges: Vec<usize>,
        /// An edge at which the race ends.
        finish: usize,
        anchor: TokenStream,
    },
    /// The step that is called with the output.
    Call {
        step: usize,
        anchor: TokenStream,
    },
    Match {
        arms: Vec<ArmPlan>,
        anchor: TokenStream,
    },
}

/// An arm, and the edge it leads to; `None` to end the branch.
pub(crate) struct ArmPlan {
    pub(crate) arm: Arm,
    pub(crate) edge: Option<usize>,
}

pub(crate) struct OtherwisePlan {
    pub(crate) kind: OtherwisePlanKind,
    pub(crate) anchor: TokenStream,
}

#[derive(Clone, Copy)]
pub(crate) enum OtherwisePlanKind {
    Fail,
    Skip,
    Abort,
    /// The branch goes on along an edge, or ends behind it quietly.
    Step {
        edge: usize,
        is_quiet: bool,
    },
    /// The whole message goes on along an edge.
    Instead {
        edge: usize,
    },
}

pub(crate) struct PlannedEdge {
    pub(crate) field: Ident,
    pub(crate) from: String,
    pub(crate) to: String,
    /// `None` for `out`.
    pub(crate) step: Option<usize>,
    pub(crate) kind: EdgePlanKind,
    /// Whether it is an `each`.
    pub(crate) opens_scope: bool,
    pub(crate) back: Option<BackPlan>,
    pub(crate) contract: Contract,
    /// The first edge that shares its bracket: what holds for several arrows is
    /// evaluated once.
    pub(crate) bracket: usize,
    pub(crate) anchor: TokenStream,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EdgePlanKind {
    Flow,
    /// The part at this position of a join.
    Part {
        position: usize,
        is_optional: bool,
    },
    /// From an item to its `all`.
    All,
    /// From an arm of a race to its end.
    Finish {
        arms: usize,
        /// Whether several arms win.
        takes_several: bool,
    },
    Failure,
}

/// A step whose attribute obeys every rule.
pub(crate) struct StepPlan<'a> {
    pub(crate) step: &'a Step,
    pub(crate) kind: Kind,
    pub(crate) timeout: Option<Amount<Duration>>,
    pub(crate) retry: Option<Retry>,
    pub(crate) is_idempotent: bool,
    /// How often a stateful step ticks.
    pub(crate) tick: Option<Amount<Duration>>,
}

impl Plan {
    /// Whether any boundary is a process.
    pub(crate) fn has_processes(&self) -> bool {
        let mut boundaries = self.boundaries.iter();
        boundaries.any(|boundary| boundary.isolation == Isolation::Process)
    }
}

/// A note that a statement waives.
pub(crate) struct WaivedNote {
    pub(crate) rule: Ident,
    /// The steps between which the statement draws an edge.
    pub(crate) idle: Vec<(usize, usize)>,
    /// The edges that it draws, with the steps of the task behind each.
    pub(crate) hasty: Vec<(usize, Vec<usize>)>,
    /// The steps of the task that it is about.
    pub(crate) unkeyed: Vec<usize>,
}
