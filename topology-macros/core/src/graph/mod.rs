//! Who is who: the nodes of a topology, the edges between them, and pure walks
//! over both. Nothing here is judged yet.

mod boundary;
mod conditions;
mod contract;
mod cores;
mod declared;
mod diagram;
mod loops;
mod mermaid;
mod nests;
mod rate;
mod resolve;
mod restart;
mod settings;
mod skips;
mod walk;
mod words;

use proc_macro2::TokenStream;
use syn::{Expr, Pat, Path};

pub(crate) use self::boundary::{Boundary, BoundaryId, Isolation};
pub(crate) use self::conditions::{Conditions, Value};
pub(crate) use self::contract::{Contract, Overflow, Place, known as known_attributes};
pub(crate) use self::cores::{CoreSet, Cores};
pub(crate) use self::declared::{Codec, Declared, Strategy, Text};
pub(crate) use self::diagram::Condition;
pub(crate) use self::loops::{Loop, LoopMisfit, Loops, Room};
pub(crate) use self::mermaid::mermaid;
pub(crate) use self::nests::{Level, Misfit, Nests};
pub(crate) use self::rate::Rate;
pub(crate) use self::resolve::resolve;
pub(crate) use self::restart::Restart;
pub(crate) use self::settings::{Key, NodeSettings};
pub(crate) use self::skips::{is_quiet_fallback, passed_over};
pub(crate) use self::walk::Between;
use crate::amount::Amount;
use crate::syntax;

/// A topology whose names have been looked up.
pub(crate) struct Graph<'a> {
    pub(crate) syntax: &'a syntax::Topology,
    pub(crate) settings: Settings,
    /// `in` is the first and `out` the second; steps follow in the order of
    /// their first mention.
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
    /// In the order in which they are written.
    pub(crate) boundaries: Vec<Boundary>,
    /// The notes that are waived, by the number of the statement.
    pub(crate) waived: Vec<(usize, syntax::Waiver)>,
    /// The bare `else ..;`.
    pub(crate) default: Option<Otherwise>,
    /// The edges that leave each node, once all are drawn.
    leaving: std::cell::OnceCell<Vec<Vec<EdgeId>>>,
    /// Whether there are joins, once all edges are drawn.
    has_joins: std::cell::OnceCell<bool>,
}

/// What the header sets.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) state: Option<syn::Type>,
    pub(crate) deadline: Option<Amount<std::time::Duration>>,
    pub(crate) memory: Option<Amount<u64>>,
    /// What is restarted with one of the boundaries that are inside no other.
    pub(crate) strategy: Option<Strategy>,
}

/// An index into [`Graph::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(crate) usize);

impl NodeId {
    pub(crate) const IN: Self = Self(0);
    pub(crate) const OUT: Self = Self(1);

    pub(crate) fn is_step(self) -> bool {
        self != Self::IN && self != Self::OUT
    }

    /// Its position among the steps.
    pub(crate) fn step(self) -> Option<usize> {
        self.0.checked_sub(2)
    }
}

/// An index into [`Graph::edges`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EdgeId(pub(crate) usize);

/// `in`, `out`, or a step.
pub(crate) struct Node {
    pub(crate) name: String,
    /// The path of the step's contract.
    pub(crate) path: Path,
    /// Where it was first mentioned.
    pub(crate) mention: TokenStream,
    /// The statements that lead into it.
    pub(crate) entries: Vec<Entry>,
    /// The statements that lead out of it.
    pub(crate) exits: Vec<Exit>,
    pub(crate) otherwise: Option<Otherwise>,
    pub(crate) settings: NodeSettings,
    /// The boundary that it is in, and where that names it.
    membership: Option<(BoundaryId, TokenStream)>,
}

/// One statement's way into a node.
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    pub(crate) edges: Vec<EdgeId>,
    /// The sources as they were written.
    pub(crate) anchor: TokenStream,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// `a -> c`, `a | b -> c`
    Merge,
    /// An arm of a `match`; several, and a merge, go together by themselves.
    Arm,
    /// `a & b -> c`
    Join,
    /// `a ^ b -> c`
    Race,
    /// `a -> each c`
    Each,
    /// `a -> all c`
    All,
    /// `a >> c`
    Call,
    /// `a else c`
    Failure,
}

/// One statement's way out of a node.
pub(crate) struct Exit {
    pub(crate) kind: ExitKind,
    pub(crate) edges: Vec<EdgeId>,
    /// The arrow.
    pub(crate) anchor: TokenStream,
}

#[derive(Clone)]
pub(crate) enum ExitKind {
    /// `a -> b`, `a -> b & c`
    All,
    /// `a >> b`
    Call,
    /// `a -> match { .. }`
    Match(Vec<Arm>),
    /// `a -> b | c`, which leaves open who gets the message.
    Either,
    /// `a -> b ^ c`
    Race,
    /// `a -> each b`
    Each,
}

/// An arm whose target has been looked up.
#[derive(Clone)]
pub(crate) struct Arm {
    pub(crate) pattern: Pat,
    pub(crate) guard: Option<(syn::Token![if], Box<Expr>)>,
    pub(crate) arrow: syn::Token![=>],
    /// `None` for `discard`.
    pub(crate) target: Option<(EdgeId, Box<Expr>)>,
}

/// A way from nodes to a node.
pub(crate) struct Edge {
    /// Several only where steps share an `else`.
    pub(crate) from: Vec<NodeId>,
    pub(crate) to: NodeId,
    pub(crate) kind: EdgeKind,
    pub(crate) border: Border,
    pub(crate) contract: Contract,
    /// The arrow, or the `else`'s target.
    pub(crate) anchor: TokenStream,
    /// The number of the statement it was drawn in.
    pub(crate) statement: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EdgeKind {
    Flow,
    Call,
    Failure,
    /// `else instead`
    Instead,
}

/// Whether an edge leads into a nest, or out of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Border {
    None,
    /// `a -> each b`: into the scope of the items.
    Each,
    /// `b -> all c`: out of it.
    All,
    /// `a -> b ^ c`: into an arm of a race.
    Start,
    /// `b ^ c -> d`: out of it.
    Finish,
}

impl Edge {
    /// Whether it leads back in a loop.
    pub(crate) fn is_back(&self) -> bool {
        self.contract.rounds.is_some()
    }
}

impl Border {
    pub(crate) fn opens(self) -> bool {
        matches!(self, Self::Each | Self::Start)
    }

    pub(crate) fn closes(self) -> bool {
        matches!(self, Self::All | Self::Finish)
    }
}

impl EdgeKind {
    pub(crate) fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::Instead)
    }
}

/// What becomes of a node's failures.
#[derive(Clone)]
pub(crate) struct Otherwise {
    pub(crate) kind: OtherwiseKind,
    pub(crate) anchor: TokenStream,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherwiseKind {
    Fail,
    Skip,
    Abort,
    Route(EdgeId),
}

impl Graph<'_> {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    pub(crate) fn edge(&self, id: EdgeId) -> &Edge {
        &self.edges[id.0]
    }

    /// Whether anything waits for several parts.
    pub(crate) fn has_joins(&self) -> bool {
        *self.has_joins.get_or_init(|| {
            let mut entries = self.nodes.iter().flat_map(|node| &node.entries);
            entries.any(|entry| entry.kind == EntryKind::Join)
        })
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = NodeId> + use<> {
        (2..self.nodes.len()).map(NodeId)
    }

    /// A node's own `else`, or the default: a source has no messages that could
    /// fail.
    pub(crate) fn otherwise(&self, id: NodeId) -> Option<&Otherwise> {
        let default = self.default.as_ref().filter(|_| !self.is_source(id));
        self.node(id).otherwise.as_ref().or(default)
    }

    /// Whether messages begin at this step: nothing leads to it, and nothing
    /// comes from outside.
    pub(crate) fn is_source(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let is_first = node.entries.is_empty() && !node.exits.is_empty();
        id.is_step() && is_first && !self.syntax.has_in()
    }

    pub(crate) fn sources(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.steps().filter(|&id| self.is_source(id))
    }

    /// Where messages begin: `in`, or the sources.
    pub(crate) fn beginnings(&self) -> Vec<NodeId> {
        if self.syntax.has_in() {
            return vec![NodeId::IN];
        }
        self.sources().collect()
    }

    /// `` `screen -> settle` `` without the backticks.
    pub(crate) fn show(&self, id: EdgeId) -> String {
        let edge = self.edge(id);
        let from: Vec<_> = edge
            .from
            .iter()
            .map(|&from| &*self.node(from).name)
            .collect();
        let arrow = match edge.kind {
            EdgeKind::Flow => "->",
            EdgeKind::Call => ">>",
            EdgeKind::Failure => "else",
            EdgeKind::Instead => "else instead",
        };
        format!("{} {arrow} {}", from.join(", "), self.node(edge.to).name)
    }

    /// Whether the edge has a queue, and so a contract.
    pub(crate) fn has_queue(&self, id: EdgeId) -> bool {
        self.edge(id).kind != EdgeKind::Call
    }

    /// Whether some step's failures lead here.
    pub(crate) fn is_fallback(&self, id: NodeId) -> bool {
        let entries = &self.node(id).entries;
        entries.iter().any(|entry| entry.kind == EntryKind::Failure)
    }
}
