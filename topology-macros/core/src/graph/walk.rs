//! Pure walks over the graph.

use super::{EdgeId, Graph, Nests, NodeId};

/// See [`Graph::between`].
pub(crate) struct Between {
    pub(crate) edges: Vec<EdgeId>,
    pub(crate) nodes: Vec<NodeId>,
}

impl Graph<'_> {
    /// The edges that leave a node, failure routes included.
    pub(crate) fn leaving(&self, node: NodeId) -> impl Iterator<Item = EdgeId> + '_ {
        let leaving = self.leaving.get_or_init(|| self.sort_by_source());
        leaving[node.0].iter().copied()
    }

    fn sort_by_source(&self) -> Vec<Vec<EdgeId>> {
        let mut leaving = vec![Vec::new(); self.nodes.len()];
        for (position, edge) in self.edges.iter().enumerate() {
            for &from in &edge.from {
                if leaving[from.0].last() != Some(&EdgeId(position)) {
                    leaving[from.0].push(EdgeId(position));
                }
            }
        }
        leaving
    }

    /// The nodes that a message can come to, by any edge.
    pub(crate) fn reachable(&self) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut todo = self.beginnings();
        while let Some(node) = todo.pop() {
            if std::mem::replace(&mut reached[node.0], true) {
                continue;
            }
            todo.extend(self.leaving(node).map(|edge| self.edge(edge).to));
        }
        reached
    }

    /// What lies between the forks that the parts of a join come from and the
    /// join: the edges from which some of the parts can be reached and others
    /// cannot, the steps between them, and the forks themselves.
    pub(crate) fn between(&self, parts: &[EdgeId]) -> Between {
        let reach: Vec<_> = parts.iter().map(|&part| self.leads_to(part)).collect();
        let is_between = |edge: EdgeId| {
            if self.edge(edge).is_back() {
                return false;
            }
            let reached = reach.iter().filter(|edges| edges[edge.0]).count();
            reached > 0 && (reached < parts.len() || parts.contains(&edge))
        };
        let edges: Vec<_> = (0..self.edges.len())
            .map(EdgeId)
            .filter(|&edge| is_between(edge))
            .collect();
        let mut nodes: Vec<_> = edges
            .iter()
            .flat_map(|&edge| self.edge(edge).from.clone())
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        Between { edges, nodes }
    }

    /// Whether a message that began at the node would be waited for in vain: it
    /// is inside a scope or a race, or some parts of a join can be reached from
    /// it and others cannot.
    pub(crate) fn is_partial(&self, nests: &Nests, node: NodeId) -> bool {
        if self.node(node).exits.is_empty() {
            return false;
        }
        if !nests.node(node).is_empty() {
            return true;
        }
        if !self.has_joins() {
            return false;
        }
        let reached = self.edges_from(node);
        self.steps()
            .filter_map(|join| self.parts(join))
            .any(|parts| {
                let mut comes = parts.iter().map(|part| reached[part.0]);
                let first = comes.next();
                comes.any(|other| Some(other) != first)
            })
    }

    /// By edge: whether a message that began at the node can come to it.
    fn edges_from(&self, node: NodeId) -> Vec<bool> {
        let mut reached = vec![false; self.edges.len()];
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            for edge in self.leaving(node) {
                if !std::mem::replace(&mut reached[edge.0], true) {
                    todo.push(self.edge(edge).to);
                }
            }
        }
        reached
    }

    /// By edge: whether a message on it can come to `target`.
    fn leads_to(&self, target: EdgeId) -> Vec<bool> {
        let mut leads = vec![false; self.edges.len()];
        let mut todo = vec![target];
        while let Some(edge) = todo.pop() {
            if std::mem::replace(&mut leads[edge.0], true) {
                continue;
            }
            for &node in &self.edge(edge).from {
                let entries = &self.node(node).entries;
                let edges = entries.iter().flat_map(|entry| &entry.edges);
                todo.extend(edges.filter(|&&edge| !self.edge(edge).is_back()));
            }
        }
        leads
    }

    /// The nodes from which a message may come to this one, by any edge.
    pub(crate) fn leading_to(&self, node: NodeId) -> Vec<bool> {
        let mut leads = vec![false; self.nodes.len()];
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            let entries = self.node(node).entries.iter();
            let edges = entries.flat_map(|entry| &entry.edges);
            for &from in edges.flat_map(|&edge| &self.edge(edge).from) {
                if !std::mem::replace(&mut leads[from.0], true) {
                    todo.push(from);
                }
            }
        }
        leads
    }

    /// One cycle for each edge that closes one and does not say so, as the edges
    /// along it.
    pub(crate) fn cycles(&self) -> Vec<Vec<EdgeId>> {
        let mut search = Search {
            graph: self,
            state: vec![State::New; self.nodes.len()],
            path: Vec::new(),
            cycles: Vec::new(),
        };
        for node in 0..self.nodes.len() {
            search.visit(NodeId(node));
        }
        search.cycles
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    OnPath,
    Done,
}

/// A depth-first search that remembers the path it is on.
struct Search<'a> {
    graph: &'a Graph<'a>,
    state: Vec<State>,
    path: Vec<EdgeId>,
    cycles: Vec<Vec<EdgeId>>,
}

impl Search<'_> {
    fn visit(&mut self, node: NodeId) {
        if self.state[node.0] != State::New {
            return;
        }
        self.state[node.0] = State::OnPath;
        let leaving = self.graph.leaving(node);
        let leaving: Vec<_> = leaving
            .filter(|&edge| !self.graph.edge(edge).is_back())
            .collect();
        for edge in leaving {
            let target = self.graph.edge(edge).to;
            self.path.push(edge);
            match self.state[target.0] {
                State::OnPath => self.close(target),
                State::New => self.visit(target),
                State::Done => {}
            }
            self.path.pop();
        }
        self.state[node.0] = State::Done;
    }

    /// The path's last edge leads back to `target`: what lies between is a
    /// cycle.
    fn close(&mut self, target: NodeId) {
        let start = self
            .path
            .iter()
            .position(|&edge| self.graph.edge(edge).from.contains(&target));
        if let Some(start) = start {
            self.cycles.push(self.path[start..].to_vec());
        }
    }
}
