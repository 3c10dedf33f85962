//! The ways from node to node that the longest way to a fate is made of.

use super::Hop;
use super::planner::Planner;
use crate::graph::{Border, EdgeId, EdgeKind, Level, NodeId};

impl Planner<'_> {
    /// All of them, each behind those that lead to it. What lies within a scope
    /// is one way, because all of it together has the time of the scope.
    pub(super) fn hops(&self) -> Vec<Hop> {
        let mut hops = Vec::new();
        for node in self.graph.in_order() {
            for edge in self.graph.leaving(node) {
                self.edge_hops(node, edge, &mut hops);
            }
        }
        hops
    }

    fn edge_hops(&self, from: NodeId, id: EdgeId, hops: &mut Vec<Hop>) {
        let edge = self.graph.edge(id);
        if edge.is_back() {
            return;
        }
        let outer = self.nests.behind(id);
        if edge.border == Border::Each && !outer[..outer.len() - 1].iter().any(is_scope) {
            self.scope_end(from, id, hops);
        }
        if outer.iter().any(is_scope) {
            return;
        }
        let to = edge.to.step();
        let number = self.number(id);
        let scope = self.nests.node(from).iter().find(|level| is_scope(level));
        match scope {
            None => hops.push(Hop {
                from: from.step(),
                to,
                edge: number,
                scope: None,
            }),
            // Out of a scope: it is left from where it was opened.
            Some(scope) => {
                for (source, each) in self.openings(scope.opener()) {
                    hops.push(Hop {
                        from: source.step(),
                        to,
                        edge: number.filter(|_| edge.kind != EdgeKind::Call),
                        scope: Some(each),
                    });
                }
            }
        }
    }

    /// A scope that no `all` closes ends with its last item.
    fn scope_end(&self, from: NodeId, each: EdgeId, hops: &mut Vec<Hop>) {
        if self.closing(each).is_none() {
            hops.push(Hop {
                from: from.step(),
                to: None,
                edge: None,
                scope: self.number(each),
            });
        }
    }

    /// The steps that open a scope, each with its `each`.
    fn openings(&self, opener: NodeId) -> Vec<(NodeId, usize)> {
        let entries = self.graph.node(opener).entries.iter();
        let edges = entries.flat_map(|entry| &entry.edges);
        let openings = edges.filter_map(|&edge| {
            let opens = self.graph.edge(edge).border == Border::Each;
            let number = self.number(edge).filter(|_| opens)?;
            Some((self.graph.edge(edge).from[0], number))
        });
        openings.collect()
    }
}

fn is_scope(level: &Level) -> bool {
    matches!(level, Level::Items(_))
}
