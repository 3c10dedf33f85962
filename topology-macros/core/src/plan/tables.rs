//! What can wait at joins, and in scopes.

use super::Table;
use super::planner::Planner;
use crate::graph::{Between, Border, EdgeId, Level, NodeId};

impl Planner<'_> {
    pub(super) fn tables(&self) -> Vec<Table> {
        let joins = self.graph.steps().filter_map(|node| {
            let parts = self.graph.parts(node)?;
            let Between { edges, nodes } = self.graph.between(parts);
            Some(self.table(node.step()?, &edges, &nodes))
        });
        let mut tables: Vec<_> = joins.collect();
        tables.extend(self.scopes());
        tables
    }

    fn table(&self, step: usize, edges: &[EdgeId], nodes: &[NodeId]) -> Table {
        let edges = edges.iter().filter_map(|&edge| self.number(edge));
        Table {
            step,
            edges: edges.collect(),
            steps: nodes.iter().filter_map(|node| node.step()).collect(),
            scope: None,
        }
    }

    /// The results that wait for the other items of their scope.
    fn scopes(&self) -> Vec<Table> {
        let all = (0..self.graph.edges.len()).map(EdgeId);
        let opening = all.filter(|&edge| self.graph.edge(edge).border == Border::Each);
        let tables = opening.filter_map(|each| {
            let level = *self.nests.behind(each).last()?;
            let inside = |nest: &[Level]| nest.contains(&level);
            let edges: Vec<_> = (0..self.graph.edges.len())
                .map(EdgeId)
                .filter(|&edge| inside(self.nests.behind(edge)))
                .collect();
            let steps = self.graph.steps();
            let mut nodes: Vec<_> = steps
                .filter(|&node| inside(self.nests.node(node)))
                .collect();
            let source = self.graph.edge(each).from[0];
            nodes.push(source);
            let closing = self.nests.closed_by(level.opener()).first();
            let result = closing.and_then(|&edge| self.graph.edge(edge).from[0].step());
            let mut table = self.table(source.step()?, &edges, &nodes);
            table.scope = Some((self.number(each)?, source.step()?, result));
            Some(table)
        });
        tables.collect()
    }
}
