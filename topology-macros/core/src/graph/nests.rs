//! The nests of a topology: the scopes and the arms of races that each edge is
//! inside.

use std::collections::BTreeMap;

use super::{Border, EdgeId, EdgeKind, EntryKind, ExitKind, Graph, NodeId};

/// One scope or arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// The items that come to this node, by `each`.
    Items(NodeId),
    /// An arm of the race whose first arm begins at this node.
    Arm { race: NodeId, arm: NodeId },
}

impl Level {
    /// The node by which the scope or race is known.
    pub(crate) fn opener(self) -> NodeId {
        match self {
            Self::Items(node) | Self::Arm { race: node, .. } => node,
        }
    }
}

/// From the outermost to the innermost.
pub(crate) type Nest = Vec<Level>;

/// Which nest each node is in, as far as the edges that lead to it agree.
pub(crate) struct Nests {
    nodes: Vec<Nest>,
    edges: Vec<Nest>,
    /// The nest behind each edge.
    behind: Vec<Nest>,
    /// The nodes behind each scope or race, by what opens it, with an edge.
    closers: BTreeMap<NodeId, Vec<EdgeId>>,
    /// What does not fit, in order.
    pub(crate) misfits: Vec<Misfit>,
}

/// Two edges into one node that are in different nests, or an edge that closes
/// what is not open.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Misfit {
    /// The nest of the second is another than that of the first.
    Differ { first: EdgeId, second: EdgeId },
    /// `all` without an `each`.
    Unopened(EdgeId),
    /// A second step collects what one scope brings.
    SecondAll { first: EdgeId, second: EdgeId },
    /// The arms that meet in this race are not all of one, each once.
    Race(EdgeId),
    /// Steps in different nests share a fallback.
    Shared(EdgeId),
}

impl Nests {
    pub(crate) fn of(graph: &Graph) -> Self {
        let mut nests = Self {
            nodes: vec![Nest::new(); graph.nodes.len()],
            edges: vec![Nest::new(); graph.edges.len()],
            behind: vec![Nest::new(); graph.edges.len()],
            closers: BTreeMap::new(),
            misfits: Vec::new(),
        };
        for node in graph.in_order() {
            nests.enter(graph, node);
            nests.leave(graph, node);
        }
        nests
    }

    /// The nest behind the edge: of one that opens, the inner.
    pub(crate) fn behind(&self, edge: EdgeId) -> &Nest {
        &self.behind[edge.0]
    }

    pub(crate) fn node(&self, node: NodeId) -> &Nest {
        &self.nodes[node.0]
    }

    /// The edges that close the scope or race which this node opens.
    pub(crate) fn closed_by(&self, opener: NodeId) -> &[EdgeId] {
        self.closers.get(&opener).map_or(&[], Vec::as_slice)
    }

    /// What opened the scope or race that the edge closes.
    pub(crate) fn opened_by(&self, closing: EdgeId) -> Option<NodeId> {
        let mut all = self.closers.iter();
        let found = all.find(|(_, edges)| edges.contains(&closing))?;
        Some(*found.0)
    }

    fn enter(&mut self, graph: &Graph, node: NodeId) {
        // Where a branch only ends, it may come from anywhere.
        let is_quiet = graph.is_fallback(node) && graph.node(node).exits.is_empty();
        let mut first: Option<EdgeId> = None;
        for entry in &graph.node(node).entries {
            for &edge in &entry.edges {
                if graph.edge(edge).is_back() {
                    continue;
                }
                self.agree(graph, edge, is_quiet);
                let inside = self.cross(graph, edge);
                self.behind[edge.0].clone_from(&inside);
                match first {
                    None => {
                        self.nodes[node.0] = inside;
                        first = Some(edge);
                    }
                    Some(first) if inside != self.nodes[node.0] && !is_quiet => {
                        self.misfits.push(Misfit::Differ {
                            first,
                            second: edge,
                        });
                    }
                    Some(_) => {}
                }
            }
            if entry.kind == EntryKind::Race {
                self.finish(graph, &entry.edges);
            }
        }
    }

    /// The steps that share a failure route are in one nest.
    fn agree(&mut self, graph: &Graph, id: EdgeId, is_quiet: bool) {
        let edge = graph.edge(id);
        if edge.kind != EdgeKind::Failure {
            return;
        }
        let first = self.node(edge.from[0]).clone();
        if !is_quiet && edge.from.iter().any(|&from| *self.node(from) != first) {
            self.misfits.push(Misfit::Shared(id));
        }
        self.edges[id.0] = first;
    }

    /// The nest that an edge leads into.
    fn cross(&mut self, graph: &Graph, id: EdgeId) -> Nest {
        let edge = graph.edge(id);
        let mut nest = self.edges[id.0].clone();
        match edge.border {
            Border::Each => nest.push(Level::Items(edge.to)),
            Border::Start => nest.push(arm(graph, id)),
            Border::All => {
                let top = self.node(edge.from[0]).last().copied();
                match top {
                    Some(Level::Items(opener)) => self.close(graph, opener, id),
                    _ => self.misfits.push(Misfit::Unopened(id)),
                }
            }
            Border::None | Border::Finish => {}
        }
        nest
    }

    fn close(&mut self, graph: &Graph, opener: NodeId, edge: EdgeId) {
        let closers = self.closers.entry(opener).or_default();
        let first = closers.first().copied();
        if !closers.contains(&edge) {
            closers.push(edge);
        }
        if let Some(first) = first
            && graph.edge(first).to != graph.edge(edge).to
        {
            self.misfits.push(Misfit::SecondAll {
                first,
                second: edge,
            });
        }
    }

    /// The arms of a race meet: all of one, each once.
    fn finish(&mut self, graph: &Graph, edges: &[EdgeId]) {
        let tops = edges
            .iter()
            .map(|&edge| self.node(graph.edge(edge).from[0]).last().copied());
        let mut arms = Vec::new();
        let mut races = Vec::new();
        for top in tops {
            if let Some(Level::Arm { race, arm }) = top {
                arms.push(arm);
                races.push(race);
            }
        }
        races.dedup();
        let &[race] = races.as_slice() else {
            self.misfits.push(Misfit::Race(edges[0]));
            return;
        };
        let mut all = arms_of(graph, race);
        arms.sort_unstable();
        all.sort_unstable();
        let is_taken = self.closers.contains_key(&race);
        if arms != all || arms.len() != edges.len() || is_taken {
            self.misfits.push(Misfit::Race(edges[0]));
        }
        self.closers.entry(race).or_insert_with(|| edges.to_vec());
    }

    fn leave(&mut self, graph: &Graph, node: NodeId) {
        let inside = self.nodes[node.0].clone();
        for id in graph.leaving(node) {
            let edge = graph.edge(id);
            self.edges[id.0] = match (edge.kind, edge.border) {
                // The message begins anew, outside of everything.
                (EdgeKind::Instead, _) => Nest::new(),
                (_, Border::All | Border::Finish) => {
                    let mut outer = inside.clone();
                    outer.pop();
                    outer
                }
                _ => inside.clone(),
            };
        }
    }
}

/// The arm that a race's edge leads into.
fn arm(graph: &Graph, edge: EdgeId) -> Level {
    let arm = graph.edge(edge).to;
    let source = graph.node(graph.edge(edge).from[0]);
    let exits = source.exits.iter();
    let mut starts = exits.filter(|exit| matches!(exit.kind, ExitKind::Race));
    let race = starts
        .find(|exit| exit.edges.contains(&edge))
        .map_or(arm, |exit| graph.edge(exit.edges[0]).to);
    Level::Arm { race, arm }
}

/// The first nodes of all arms of a race.
pub(super) fn arms_of(graph: &Graph, race: NodeId) -> Vec<NodeId> {
    let starts = graph.edges.iter().enumerate();
    let first = starts
        .filter(|(_, edge)| edge.border == Border::Start && edge.to == race)
        .find_map(|(position, edge)| {
            let source = graph.node(edge.from[0]);
            let mut exits = source.exits.iter();
            exits.find(|exit| exit.edges.contains(&EdgeId(position)))
        });
    first.map_or_else(Vec::new, |exit| {
        exit.edges.iter().map(|&edge| graph.edge(edge).to).collect()
    })
}
