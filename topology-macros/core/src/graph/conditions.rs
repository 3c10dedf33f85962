//! Under which choices a message crosses each edge.
//!
//! A choice is made by each `match` (which arm), and by each step whose failure
//! does not end the message (whether it ends well, is skipped, or goes on at
//! its fallback). `else instead` begins the message anew, so which beginning
//! it was is the first choice of all. Failures that end the message are no
//! choices: nothing of it is left to wait for anything.
//!
//! A branch that is skipped goes on as a *pass*: it crosses the same edges, and
//! joins know by it that the part will not come (dead-path elimination, as in
//! BPEL 2.0, section 11.6).

use super::diagram::{ChoiceId, Condition, Diagrams};
use super::skips::is_quiet_fallback;
use super::{
    Arm, EdgeId, EdgeKind, EntryKind, ExitKind, Graph, Loops, Nests, NodeId, OtherwiseKind,
};

/// The conditions of a graph without cycles.
///
/// What is chosen for an item, or in an arm of a race, is forgotten behind its
/// scope or race: the `all` and the race's step run whenever it was begun.
pub(crate) struct Conditions {
    pub(crate) nests: Nests,
    pub(crate) loops: Loops,
    /// By loop: when a message goes round once more.
    again: Vec<Condition>,
    pub(crate) diagrams: Diagrams,
    pub(crate) choices: Vec<Choice>,
    edges: Vec<Crossing>,
    nodes: Vec<Crossing>,
    /// By edge: when two steps that share a fallback fail in one message.
    shared: Vec<Condition>,
    /// By node: its choice, if it makes one.
    made_by: Vec<Option<ChoiceId>>,
}

/// When a message crosses, and when only word comes that it will not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crossing {
    pub(crate) message: Condition,
    pub(crate) pass: Condition,
}

/// Something that is decided for each message.
pub(crate) struct Choice {
    /// `None` for how the message began.
    pub(crate) node: Option<NodeId>,
    pub(crate) values: Vec<Value>,
}

/// What may be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// The message came in, or goes on at the fallback of an `else instead`.
    Began(Option<EdgeId>),
    /// The message came from this source.
    Source(NodeId),
    /// The step ended well.
    Well,
    /// The arms that lead to an edge were chosen.
    Arms(EdgeId),
    /// An arm that discards was chosen.
    Discard,
    /// The step failed, and its `else` says `skip`.
    Skipped,
    /// The step failed, and goes on at its fallback.
    Failed(EdgeId),
}

impl Crossing {
    const NEVER: Self = Self {
        message: Condition::NEVER,
        pass: Condition::NEVER,
    };
}

impl Conditions {
    pub(crate) fn of(graph: &Graph, nests: Nests, loops: Loops) -> Self {
        let (choices, made_by) = choices(graph);
        let values = choices.iter().map(|choice| choice.values.len()).collect();
        let mut conditions = Self {
            nests,
            loops,
            again: Vec::new(),
            diagrams: Diagrams::new(values),
            choices,
            edges: vec![Crossing::NEVER; graph.edges.len()],
            nodes: vec![Crossing::NEVER; graph.nodes.len()],
            shared: vec![Condition::NEVER; graph.edges.len()],
            made_by,
        };
        for node in graph.in_order() {
            conditions.nodes[node.0] = conditions.arrives(graph, node);
            conditions.leaves(graph, node);
        }
        conditions.again = conditions.loops_again();
        conditions
    }

    fn loops_again(&mut self) -> Vec<Condition> {
        let backs: Vec<_> = self.loops.iter().map(|each| each.backs.clone()).collect();
        let mut again = Vec::new();
        for backs in backs {
            let back = backs.iter().map(|&back| self.edges[back.0].message);
            let back: Vec<_> = back.collect();
            again.push(self.diagrams.any(back));
        }
        again
    }

    /// When a message goes round the loop once more.
    pub(crate) fn again(&self, number: usize) -> Condition {
        self.again[number]
    }

    /// What holds for every message that comes to the node for the last time:
    /// it has left the loops that the node is not in.
    pub(crate) fn settled(&mut self, node: NodeId) -> Condition {
        let loops = self.loops.iter().zip(&self.again);
        let left: Vec<_> = loops
            .filter(|(each, _)| !each.contains(node))
            .map(|(_, again)| *again)
            .collect();
        let going = self.diagrams.any(left);
        self.diagrams.without(Condition::ALWAYS, going)
    }

    /// When a message, or word of it, crosses the edge.
    pub(crate) fn edge(&self, edge: EdgeId) -> Crossing {
        self.edges[edge.0]
    }

    /// When two steps that share the failure route both fail.
    pub(crate) fn shared(&self, edge: EdgeId) -> Condition {
        self.shared[edge.0]
    }

    /// When a message comes to the node, or passes it over.
    pub(crate) fn node(&self, node: NodeId) -> Crossing {
        self.nodes[node.0]
    }

    /// Whether the join may run without this part.
    pub(crate) fn is_optional(&mut self, graph: &Graph, part: EdgeId) -> bool {
        let join = graph.edge(part).to;
        let pass = self.edges[part.0].pass;
        let runs = self.nodes[join.0].message;
        let settled = self.settled(join);
        self.diagrams.all([pass, runs, settled]).can_hold()
    }

    /// Whether a branch may end at this node quietly, or passes it over as a
    /// join without parts.
    pub(crate) fn may_end(&self, graph: &Graph, node: NodeId) -> bool {
        let values = self.made_by[node.0].map(|choice| self.choices[choice.0].values.as_slice());
        let quiet = values.unwrap_or_default().iter().any(|value| match value {
            Value::Skipped | Value::Discard => true,
            Value::Failed(edge) => is_quiet_fallback(graph, *edge),
            _ => false,
        });
        quiet || (graph.parts(node).is_some() && self.nodes[node.0].pass.can_hold())
    }

    /// Either of both, once the loops behind are left.
    pub(crate) fn arrival(&mut self, graph: &Graph, edge: EdgeId) -> Condition {
        let Crossing { message, pass } = self.edges[edge.0];
        let arrival = self.diagrams.or(message, pass);
        let settled = self.settled(graph.edge(edge).to);
        self.diagrams.and(arrival, settled)
    }

    fn arrives(&mut self, graph: &Graph, node: NodeId) -> Crossing {
        if node == NodeId::IN || graph.is_source(node) {
            let beginning = beginning(graph, node);
            return Crossing {
                message: self.began(&beginning),
                pass: Condition::NEVER,
            };
        }
        let node = graph.node(node);
        let mut message = Condition::NEVER;
        let mut pass = Condition::NEVER;
        for entry in &node.entries {
            for &edge in entry
                .edges
                .iter()
                .filter(|&&edge| !graph.edge(edge).is_back())
            {
                let crossing = self.crossing_into(graph, edge);
                message = self.diagrams.or(message, crossing.message);
                pass = self.diagrams.or(pass, crossing.pass);
            }
        }
        Crossing {
            message,
            pass: self.diagrams.without(pass, message),
        }
    }

    /// When the edge brings something to its end: out of a nest, whenever that
    /// was entered.
    fn crossing_into(&self, graph: &Graph, edge: EdgeId) -> Crossing {
        if !graph.edge(edge).border.closes() {
            return self.edges[edge.0];
        }
        match self.nests.opened_by(edge) {
            Some(opener) => self.nodes[opener.0],
            None => Crossing::NEVER,
        }
    }

    fn leaves(&mut self, graph: &Graph, node: NodeId) {
        let Crossing { message, pass } = self.nodes[node.0];
        let quiet = self.chosen(node, |value| match value {
            Value::Skipped | Value::Discard => true,
            Value::Failed(edge) => is_quiet_fallback(graph, *edge),
            _ => false,
        });
        let quiet = self.diagrams.and(message, quiet);
        let pass = self.diagrams.or(pass, quiet);
        for exit in &graph.node(node).exits {
            for &edge in &exit.edges {
                let chosen = self.chosen(node, |value| match value {
                    Value::Well => true,
                    Value::Arms(arms) => *arms == edge,
                    _ => false,
                });
                let always = self.made_by[node.0].is_none();
                let chosen = if always { Condition::ALWAYS } else { chosen };
                self.edges[edge.0] = Crossing {
                    message: self.diagrams.and(message, chosen),
                    pass,
                };
            }
        }
        self.fails(graph, node, message);
    }

    /// The failure route of a node, if it has one.
    fn fails(&mut self, graph: &Graph, node: NodeId, message: Condition) {
        let Some(OtherwiseKind::Route(edge)) =
            graph.otherwise(node).map(|otherwise| otherwise.kind)
        else {
            return;
        };
        if !graph.edge(edge).from.contains(&node) {
            return;
        }
        let crossing = match graph.edge(edge).kind {
            EdgeKind::Instead => self.began(&Value::Began(Some(edge))),
            _ => {
                let failed = self.chosen(node, |value| matches!(value, Value::Failed(_)));
                self.diagrams.and(message, failed)
            }
        };
        let before = self.edges[edge.0].message;
        if graph.edge(edge).kind == EdgeKind::Failure {
            let both = self.diagrams.and(before, crossing);
            self.shared[edge.0] = self.diagrams.or(self.shared[edge.0], both);
        }
        self.edges[edge.0].message = self.diagrams.or(before, crossing);
    }

    fn began(&mut self, beginning: &Value) -> Condition {
        let value = self.choices[0]
            .values
            .iter()
            .position(|value| value == beginning);
        match value {
            Some(value) => self.diagrams.one_of(ChoiceId(0), &[value]),
            None => Condition::NEVER,
        }
    }

    fn chosen(&mut self, node: NodeId, is: impl Fn(&Value) -> bool) -> Condition {
        let Some(choice) = self.made_by[node.0] else {
            return Condition::NEVER;
        };
        let values = self.choices[choice.0].values.iter().enumerate();
        let values: Vec<_> = values
            .filter(|(_, value)| is(value))
            .map(|(value, _)| value)
            .collect();
        self.diagrams.one_of(choice, &values)
    }
}

/// How a message begins at `in`, or at a source.
fn beginning(graph: &Graph, node: NodeId) -> Value {
    if graph.is_source(node) {
        Value::Source(node)
    } else {
        Value::Began(None)
    }
}

/// The choices of a graph, in the order in which they are made.
fn choices(graph: &Graph) -> (Vec<Choice>, Vec<Option<ChoiceId>>) {
    let insteads = (0..graph.edges.len())
        .map(EdgeId)
        .filter(|&edge| graph.edge(edge).kind == EdgeKind::Instead);
    let beginnings = graph.beginnings().into_iter();
    let began = beginnings
        .map(|node| beginning(graph, node))
        .chain(insteads.map(|edge| Value::Began(Some(edge))));
    let mut choices = vec![Choice {
        node: None,
        values: began.collect(),
    }];
    let mut made_by = vec![None; graph.nodes.len()];
    for node in graph.in_order() {
        let values = values(graph, node);
        if values.len() > 1 {
            made_by[node.0] = Some(ChoiceId(choices.len()));
            choices.push(Choice {
                node: Some(node),
                values,
            });
        }
    }
    (choices, made_by)
}

/// What may become of a message at a node, but for its failing as a whole.
fn values(graph: &Graph, node: NodeId) -> Vec<Value> {
    let mut values = Vec::new();
    let arms = graph
        .node(node)
        .exits
        .iter()
        .find_map(|exit| match &exit.kind {
            ExitKind::Match(arms) => Some((arms, exit)),
            _ => None,
        });
    match arms {
        Some((arms, exit)) => {
            values.extend(exit.edges.iter().map(|&edge| Value::Arms(edge)));
            if arms.iter().any(|arm: &Arm| arm.target.is_none()) {
                values.push(Value::Discard);
            }
            // A lone arm is still a choice's value, and needs no other.
            if values.len() == 1 {
                values = vec![Value::Well];
            }
        }
        None => values.push(Value::Well),
    }
    match graph.otherwise(node).map(|otherwise| otherwise.kind) {
        Some(OtherwiseKind::Skip) if node.is_step() => values.push(Value::Skipped),
        Some(OtherwiseKind::Route(edge))
            if graph.edge(edge).kind == EdgeKind::Failure
                && graph.edge(edge).from.contains(&node) =>
        {
            values.push(Value::Failed(edge));
        }
        _ => {}
    }
    values
}

impl Graph<'_> {
    /// The nodes, each behind all that lead to it. Of a graph with cycles, some
    /// order.
    pub(crate) fn in_order(&self) -> Vec<NodeId> {
        let mut order = Vec::new();
        let mut seen = vec![false; self.nodes.len()];
        for node in (0..self.nodes.len()).map(NodeId) {
            self.visit_in_order(node, &mut seen, &mut order);
        }
        order
    }

    fn visit_in_order(&self, node: NodeId, seen: &mut [bool], order: &mut Vec<NodeId>) {
        if std::mem::replace(&mut seen[node.0], true) {
            return;
        }
        let entries = self.node(node).entries.iter();
        let edges = entries.flat_map(|entry| &entry.edges);
        for &edge in edges.filter(|&&edge| !self.edge(edge).is_back()) {
            for &from in &self.edge(edge).from {
                self.visit_in_order(from, seen, order);
            }
        }
        order.push(node);
    }

    /// The join of a node: the edges of its parts.
    pub(crate) fn parts(&self, node: NodeId) -> Option<&[EdgeId]> {
        let mut entries = self.node(node).entries.iter();
        let join = entries.find(|entry| entry.kind == EntryKind::Join)?;
        Some(&join.edges)
    }
}
