//! A topology as a Petri net: its edges are the places, what may become of a
//! message at a node are the transitions.
//!
//! A token is a message, or a pass: word that a branch which was skipped will
//! bring no message here. The net is written from the language alone, and
//! knows nothing of conditions.

use super::drawn::topology::{
    FIRST_STEP, IN, Node, OUT, Operator, Outcome, Output, Statement, Topology,
};

/// A set of edges, one bit each.
pub(crate) type Edges = u64;

pub(crate) struct Net {
    pub(crate) edges: Vec<Edge>,
    pub(crate) nodes: Vec<Knot>,
    /// Whether every message that does not fail has an answer.
    pub(crate) promised: bool,
}

pub(crate) struct Edge {
    pub(crate) from: Node,
    pub(crate) to: Node,
    pub(crate) kind: EdgeKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EdgeKind {
    Flow,
    Failure,
    Instead,
}

/// A node, and what may happen there.
#[derive(Default)]
pub(crate) struct Knot {
    pub(crate) inputs: Edges,
    /// Where messages, and passes, go on; failure routes are none of them.
    pub(crate) exits: Edges,
    pub(crate) is_join: bool,
    /// What may become of a message; its failing as a whole needs no mention,
    /// as it leaves nothing and is a good end.
    pub(crate) events: Vec<Event>,
    /// The edges from which a token may still come to one of the inputs.
    pub(crate) upstream: Edges,
    /// The nodes behind it, itself included, one bit each.
    behind: u32,
    /// Whether somebody minds if one message comes here twice.
    pub(crate) minds_two: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    GoOn {
        messages: Edges,
        passes: Edges,
    },
    /// All tokens give way to one on this edge.
    BeginAnew(Edges),
}

impl Net {
    pub(crate) fn of(topology: &Topology) -> Self {
        let last = topology.steps().last().copied().unwrap_or(OUT);
        let mut net = Self {
            edges: Vec::new(),
            nodes: (0..=last).map(|_| Knot::default()).collect(),
            promised: topology.output == Output::Always,
        };
        for statement in &topology.statements {
            net.draw(statement);
        }
        net.ends_well();
        for statement in &topology.statements {
            if let Statement::Else { of, outcome } = statement {
                net.fails(topology, of, *outcome);
            }
        }
        net.look_around();
        net
    }

    pub(crate) fn is_behind(&self, node: Node, other: Node) -> bool {
        node != other && self.nodes[other].behind & (1 << node) != 0
    }

    pub(crate) fn has_cycle(&self) -> bool {
        let mut edges = self.edges.iter();
        edges.any(|edge| self.nodes[edge.to].behind & (1 << edge.from) != 0)
    }

    fn draw(&mut self, statement: &Statement) {
        match statement {
            Statement::Chain {
                from, operator, to, ..
            } => {
                for &target in to {
                    for &source in from {
                        self.edge(source, target, EdgeKind::Flow);
                    }
                    self.nodes[target].is_join = *operator == Operator::Join && from.len() > 1;
                }
            }
            Statement::Match { from, arms, .. } => {
                let mut targets: Vec<Node> = arms.iter().flatten().copied().collect();
                targets.sort_unstable();
                targets.dedup();
                for target in targets {
                    let arm = self.edge(*from, target, EdgeKind::Flow);
                    self.nodes[*from].events.push(Event::GoOn {
                        messages: arm,
                        passes: 0,
                    });
                }
                if arms.contains(&None) {
                    let quiet = self.quiet(*from);
                    self.nodes[*from].events.push(quiet);
                }
            }
            Statement::Else { .. } => {}
        }
    }

    /// A step without a `match` sends a message to all that follow it.
    fn ends_well(&mut self) {
        for knot in &mut self.nodes[FIRST_STEP..] {
            if knot.events.is_empty() {
                knot.events.push(Event::GoOn {
                    messages: knot.exits,
                    passes: 0,
                });
            }
        }
    }

    fn fails(&mut self, topology: &Topology, of: &[Node], outcome: Outcome) {
        for step in topology.covered(of) {
            let event = match outcome {
                Outcome::Fail | Outcome::Abort => continue,
                Outcome::Skip => self.quiet(step),
                Outcome::Step(fallback) | Outcome::Back(fallback) => {
                    let messages = self.edge(step, fallback, EdgeKind::Failure);
                    let is_sink = self.nodes[fallback].exits == 0;
                    let passes = if is_sink { self.nodes[step].exits } else { 0 };
                    Event::GoOn { messages, passes }
                }
                Outcome::Instead(fallback) => {
                    Event::BeginAnew(self.edge(step, fallback, EdgeKind::Instead))
                }
            };
            self.nodes[step].events.push(event);
        }
    }

    /// The branch ends here, and whoever follows is told.
    fn quiet(&self, step: Node) -> Event {
        Event::GoOn {
            messages: 0,
            passes: self.nodes[step].exits,
        }
    }

    fn edge(&mut self, from: Node, to: Node, kind: EdgeKind) -> Edges {
        assert!(self.edges.len() < 64, "a set of edges is one word");
        let bit = 1 << self.edges.len();
        self.edges.push(Edge { from, to, kind });
        self.nodes[to].inputs |= bit;
        if kind == EdgeKind::Flow {
            self.nodes[from].exits |= bit;
        }
        bit
    }

    /// Who is behind whom.
    fn look_around(&mut self) {
        let within_one_life = self.reach(|kind| kind != EdgeKind::Instead);
        let at_all = self.reach(|_| true);
        let joins = (0..self.nodes.len()).filter(|&node| self.nodes[node].is_join);
        let waiting = joins.fold(1 << OUT, |nodes: u32, join| nodes | 1 << join);
        for (node, knot) in self.nodes.iter_mut().enumerate() {
            knot.behind = at_all[node];
            let mut is_fallback = false;
            for (position, edge) in self.edges.iter().enumerate() {
                if edge.to == node {
                    is_fallback |= edge.kind != EdgeKind::Flow;
                } else if within_one_life[edge.to] & (1 << node) != 0 {
                    knot.upstream |= 1 << position;
                }
            }
            knot.minds_two = !is_fallback || at_all[node] & waiting != 0;
        }
    }

    fn reach(&self, along: impl Fn(EdgeKind) -> bool) -> Vec<u32> {
        let mut reach: Vec<u32> = (0..self.nodes.len()).map(|node| 1 << node).collect();
        for _ in 0..self.nodes.len() {
            for edge in self.edges.iter().filter(|edge| along(edge.kind)) {
                reach[edge.from] |= reach[edge.to];
            }
        }
        reach
    }

    /// The edges that a message is offered to first.
    pub(crate) fn entrance(&self) -> Edges {
        self.nodes[IN].exits
    }
}
