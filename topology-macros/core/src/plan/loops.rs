//! What loops and back edges are made of.

use super::planner::Planner;
use super::{BackPlan, LoopPlan};
use crate::graph::{EdgeId, EntryKind, Loop, NodeId};

impl Planner<'_> {
    pub(super) fn loops(&self) -> Vec<LoopPlan> {
        self.loops.iter().map(|each| self.loop_plan(each)).collect()
    }

    fn loop_plan(&self, each: &Loop) -> LoopPlan {
        let graph = self.graph;
        let number = |node: NodeId| node.step().map_or(0, |step| step + 1);
        let inside = |edge: EdgeId| {
            let from = graph.edge(edge).from.iter();
            from.copied().filter(|&from| each.contains(from))
        };
        let mut backs = Vec::new();
        for &back in &each.backs {
            let edge = self.number(back).expect("a back edge has a queue");
            backs.extend(inside(back).map(|from| (number(from), edge)));
        }
        let mut ways = Vec::new();
        for edge in each.edges(graph) {
            let to = number(graph.edge(edge).to);
            let is_whole = each.is_whole(self.nests, edge);
            ways.extend(inside(edge).map(|from| (number(from), to, self.number(edge), is_whole)));
        }
        let tasks = each.nodes().filter(|&node| {
            let mut entries = graph.node(node).entries.iter();
            entries.all(|entry| entry.kind != EntryKind::Call)
        });
        LoopPlan {
            header: number(each.header),
            backs,
            ways,
            steps: tasks.filter_map(NodeId::step).collect(),
        }
    }

    /// What a message that takes the edge begins anew, if it is a back edge.
    pub(super) fn back(&self, id: EdgeId) -> Option<BackPlan> {
        let rounds = self.graph.edge(id).contract.rounds.clone()?;
        let own = self.loops.iter().find(|each| each.backs.contains(&id))?;
        let others = || self.loops.iter().filter(|other| other.header != own.header);
        let inner = others().filter(|other| own.contains(other.header));
        let outer = others().filter(|other| other.contains(own.header));
        let joins = own.nodes().filter(|&node| self.graph.parts(node).is_some());
        Some(BackPlan {
            rounds,
            depth: outer.count(),
            inner: inner
                .flat_map(|other| &other.backs)
                .filter_map(|&back| self.number(back))
                .collect(),
            joins: joins.filter_map(NodeId::step).collect(),
        })
    }
}
