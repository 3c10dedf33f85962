//! A reviewed topology as plain data: for tools that explain, draw or compare
//! it outside the compiler.
//!
//! It is there for topologies with faults too, as far as their names could be
//! resolved; what a fault left out is missing.

mod build;
mod flow;
#[cfg(test)]
mod tests;

pub use self::flow::{Arm, Entry, EntryKind, Exit, ExitKind, Failure, FailureKind};
use crate::report::Place;

/// The version of this model. It grows when a field changes its meaning or goes
/// away; a new field is no new version.
pub const VERSION: u32 = 1;

/// One `topology! { .. }`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Topology {
    /// Its name.
    pub name: String,
    /// The file it stands in, as the compiler names it. A tool that parsed text
    /// of its own knows better.
    pub file: String,
    /// Its name in the header.
    pub place: Place,
    /// Its documentation, a line each.
    pub docs: Vec<String>,
    /// `In`; `None` for `!`.
    pub input: Option<String>,
    /// `Out`, without its `?`; `None` for `!`.
    pub output: Option<String>,
    /// Whether a message may end without an answer: the `?`.
    pub is_answer_optional: bool,
    /// The type that provides the steps' state.
    pub state: Option<String>,
    /// The longest that a message may take on its way through.
    pub deadline: Option<Time>,
    /// The most that its queues may hold.
    pub memory: Option<Size>,
    /// What is restarted with one of the boundaries that are inside no other,
    /// where that is said: `one_for_one`, `rest_for_one` or `one_for_all`.
    pub strategy: Option<&'static str>,
    /// `in` is the first and `out` the second, whether used or not; steps
    /// follow in the order of their first mention.
    pub nodes: Vec<Node>,
    /// In the order in which they are drawn, failure routes last.
    pub edges: Vec<Edge>,
    /// Each behind those that it is inside.
    pub boundaries: Vec<Boundary>,
    /// The notes that its statements waive.
    pub waivers: Vec<Waiver>,
    /// The topology as a Mermaid flowchart, as in the generated `GRAPH`.
    pub mermaid: String,
}

/// A note that a statement waives.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiver {
    /// The name of the rule.
    pub rule: String,
    /// Why it does not concern the statement.
    pub reason: String,
    /// Where it is waived.
    pub place: Place,
    /// The edges that the statement draws: none, if it is about a step.
    pub edges: Vec<usize>,
}

/// `in`, `out`, or a step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// The name it has in the topology.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// The path of the step's contract, which a `use` may have renamed.
    pub path: String,
    /// Its first mention.
    pub place: Place,
    /// How many messages it works on at once, where that is said: `4`, or `1..=8`,
    /// which counts 8.
    pub replicas: Option<Count>,
    /// How often it may begin an attempt, where that is said: `100/s`.
    pub rate: Option<String>,
    /// What messages are known by that keep their order, where that is said.
    pub key: Option<String>,
    /// The boundary that it is in, and in none inside that: an index into
    /// [`Topology::boundaries`].
    pub boundary: Option<usize>,
    /// The statements that lead into it: several, in a topology without faults,
    /// only where they are arms of a `match`, merges or failures.
    pub entries: Vec<Entry>,
    /// The statements that lead out of it: none for a sink.
    pub exits: Vec<Exit>,
    /// What becomes of its failures; `None` for the ends, and where nothing is
    /// said.
    pub failure: Option<Failure>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// Where messages come in.
    In,
    /// Where answers leave.
    Out,
    /// Where messages begin that nobody sent: a step that nothing leads to.
    Source,
    /// Where work is done.
    Step,
}

/// Steps that are kept apart from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Boundary {
    /// Its name.
    pub name: String,
    /// How: `thread` or `process`.
    pub kind: &'static str,
    /// Its name, where it is declared.
    pub place: Place,
    /// The boundary that it is inside: an index into [`Topology::boundaries`].
    pub outer: Option<usize>,
    /// How many threads it has, where that is said.
    pub threads: Option<Count>,
    /// What the system calls them, as it was written, where that is said.
    pub thread_name: Option<String>,
    /// The size of each one's stack, where that is said.
    pub stack_size: Option<Size>,
    /// The cores that they are kept to, as it was written, where that is said.
    pub cores: Option<String>,
    /// How often it may be restarted, where that is said.
    pub restart: Option<Restart>,
    /// What is restarted with one of the boundaries inside, where that is said:
    /// `one_for_one`, `rest_for_one` or `one_for_all`.
    pub strategy: Option<&'static str>,
    /// Of a process: how messages are written that cross, where that is said:
    /// `postcard` or `msgpack`.
    pub codec: Option<&'static str>,
    /// Of a process: the most address space, where that is said.
    pub memory: Option<Size>,
    /// Of a process: the most processor time, where that is said.
    pub cpu: Option<Time>,
    /// Of a process: how long it may take to start, where that is said.
    pub start: Option<Time>,
}

/// How often a boundary may be restarted: `5 in 60s`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restart {
    /// How many times. 0 is never.
    pub times: Count,
    /// Within how long.
    pub within: Time,
}

/// A way from nodes to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edge {
    /// Indices into [`Topology::nodes`]: several only where steps share a
    /// failure route.
    pub from: Vec<usize>,
    /// An index into [`Topology::nodes`].
    pub to: usize,
    /// How it leads there.
    pub kind: EdgeKind,
    /// Which part of a join it brings.
    pub part: Option<Part>,
    /// What it declares; `None` for a call, which has no queue.
    pub contract: Option<Contract>,
    /// Under which choices a message crosses it.
    pub condition: Condition,
    /// The arrow, the target of an arm, or what stands behind `else`.
    pub place: Place,
}

/// How an edge leads from node to node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// `a -> b`
    Flow,
    /// `a >> b`
    Call,
    /// `a else b`
    Failure,
    /// `a else instead b`
    Instead,
}

/// One part of a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its position among the by-value parameters of the step, from 0.
    pub position: usize,
    /// Whether the join may run without it: then it takes an `Option`.
    pub is_optional: bool,
}

/// What an edge with a queue declares. What is missing was not said, or could
/// not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contract {
    /// How many messages may wait.
    pub capacity: Option<Count>,
    /// The longest a message may spend on the edge.
    pub timeout: Option<Time>,
    /// What happens to a message that finds it full: `block`, `drop_oldest` or
    /// `drop_newest`.
    pub overflow: &'static str,
    /// Of an `each`: the most items that one message may become.
    pub limit: Option<Count>,
    /// Of an `each`: the longest that the items may take together.
    pub within: Option<Time>,
    /// Behind a race: how many arms win, if more than one may.
    pub first: Option<Count>,
    /// How many messages the step at its end takes at once.
    pub batch: Option<Count>,
    /// How long the first message of a batch waits for others.
    pub linger: Option<Time>,
    /// Of a back edge: how often a message may take it.
    pub rounds: Option<Count>,
}

/// A number of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// As it was written: `256`, `limits::ROOM`.
    pub written: String,
    /// `None` where only the compiler can evaluate it.
    pub count: Option<usize>,
}

/// A span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// As it was written: `2s`, `limits::PATIENCE`.
    pub written: String,
    /// In milliseconds; `None` where only the compiler can evaluate it.
    pub millis: Option<u64>,
}

/// A size in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// As it was written: `4MiB`, `limits::MEMORY`.
    pub written: String,
    /// In bytes; `None` where only the compiler can evaluate it.
    pub bytes: Option<u64>,
}

/// Under which choices a message crosses an edge. Failures that end the message
/// are no choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Every message does.
    Always,
    /// A message does for which all of these hold:
    /// `` `screen` chooses `Verdict::Clear` ``.
    If(Vec<String>),
    /// No list of choices says it all; this is one case in which it does.
    Example(String),
    /// No message can.
    Never,
    /// The topology has cycles that are not understood.
    Unknown,
}

impl Topology {
    /// `Orders<RawOrder -> Receipt?>`
    pub fn signature(&self) -> String {
        let or_never = |ty: &Option<String>| ty.clone().unwrap_or_else(|| "!".to_owned());
        let optional = if self.is_answer_optional { "?" } else { "" };
        let (input, output) = (or_never(&self.input), or_never(&self.output));
        format!("{}<{input} -> {output}{optional}>", self.name)
    }

    /// The names of the nodes that an edge leaves: several only where steps
    /// share a failure route.
    pub fn sources(&self, edge: &Edge) -> Vec<&str> {
        edge.from
            .iter()
            .map(|&from| &*self.nodes[from].name)
            .collect()
    }

    /// `screen -> settle`, as it would be written.
    pub fn show(&self, edge: &Edge) -> String {
        let from = self.sources(edge).join(", ");
        format!("{from} {} {}", edge.kind.arrow(), self.nodes[edge.to].name)
    }

    /// The boundaries that a node is in, the outermost first.
    pub fn boundaries(&self, node: &Node) -> Vec<&Boundary> {
        let mut inside = Vec::new();
        let mut next = node.boundary;
        while let Some(boundary) = next.map(|number| &self.boundaries[number]) {
            inside.insert(0, boundary);
            next = boundary.outer;
        }
        inside
    }

    /// What stands behind `else`, without its bracket.
    pub fn outcome(&self, failure: &Failure) -> String {
        let target = |edge: usize| &self.nodes[self.edges[edge].to].name;
        match failure.kind {
            FailureKind::Fail => "fail".to_owned(),
            FailureKind::Skip => "skip".to_owned(),
            FailureKind::Abort => "abort".to_owned(),
            FailureKind::Step(edge) => target(edge).clone(),
            FailureKind::Instead(edge) => format!("instead {}", target(edge)),
        }
    }
}

impl Node {
    /// Whether anything leads into it or out of it.
    pub fn is_connected(&self) -> bool {
        !self.entries.is_empty() || !self.exits.is_empty()
    }
}

impl Boundary {
    /// `cpu: thread [threads = 2]`
    pub fn text(&self) -> String {
        let size = |size: &Option<Size>| size.as_ref().map(|size| size.written.clone());
        let time = |time: &Option<Time>| time.as_ref().map(|time| time.written.clone());
        let threads = self.threads.as_ref().map(|count| count.written.clone());
        let settings = [
            ("threads", threads),
            ("name", self.thread_name.clone()),
            ("stack_size", size(&self.stack_size)),
            ("cores", self.cores.clone()),
            ("restart", self.restart.as_ref().map(Restart::text)),
            ("strategy", self.strategy.map(str::to_owned)),
            ("codec", self.codec.map(str::to_owned)),
            ("memory", size(&self.memory)),
            ("cpu", time(&self.cpu)),
            ("start", time(&self.start)),
        ];
        let said = settings
            .into_iter()
            .filter_map(|(name, written)| Some(format!("{name} = {}", written?)));
        let said: Vec<_> = said.collect();
        if said.is_empty() {
            return format!("{}: {}", self.name, self.kind);
        }
        format!("{}: {} [{}]", self.name, self.kind, said.join(", "))
    }
}

impl Restart {
    /// As it was written: `5 in 60s`.
    pub fn text(&self) -> String {
        format!("{} in {}", self.times.written, self.within.written)
    }
}

impl EdgeKind {
    /// Whether failures cross it, and not messages.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::Instead)
    }

    /// What stands between the nodes: `->`, `>>`, `else`, `else instead`.
    pub fn arrow(self) -> &'static str {
        match self {
            Self::Flow => "->",
            Self::Call => ">>",
            Self::Failure => "else",
            Self::Instead => "else instead",
        }
    }
}
