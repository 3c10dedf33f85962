//! Pure walks over the graph.

use super::{EdgeId, Graph, NodeId};

impl Graph<'_> {
    /// The edges that leave a node, failure routes included.
    pub(crate) fn leaving(&self, node: NodeId) -> impl Iterator<Item = EdgeId> + '_ {
        let leaves = move |(position, edge): (usize, &super::Edge)| {
            edge.from.contains(&node).then_some(EdgeId(position))
        };
        self.edges.iter().enumerate().filter_map(leaves)
    }

    /// The nodes that a message can come to, by any edge.
    pub(crate) fn reachable(&self) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut todo = vec![NodeId::IN];
        while let Some(node) = todo.pop() {
            if std::mem::replace(&mut reached[node.0], true) {
                continue;
            }
            todo.extend(self.leaving(node).map(|edge| self.edge(edge).to));
        }
        reached
    }

    /// One cycle for each edge that closes one, as the edges along it.
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
        let leaving: Vec<_> = self.graph.leaving(node).collect();
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
