//! What the compiler is to note, and what is waived of it.

use proc_macro2::TokenStream;

use super::WaivedNote;
use super::planner::Planner;
use crate::graph::{EdgeId, Graph};
use crate::review::{Rule, hasty_edge, idle_boundary, unkeyed_replicas, waivers};

impl Planner<'_> {
    pub(super) fn idle(&self) -> Vec<(usize, usize, TokenStream)> {
        let candidates = idle_boundary::candidates(self.graph).into_iter();
        let rule = &idle_boundary::RULE;
        let noted = candidates.filter(|&edge| !waivers::is_waived(self.graph, edge, rule));
        let steps = noted.filter_map(|edge| {
            let (from, to) = self.joined(edge)?;
            Some((from, to, self.graph.edge(edge).anchor.clone()))
        });
        steps.collect()
    }

    /// The steps that an edge joins.
    fn joined(&self, edge: EdgeId) -> Option<(usize, usize)> {
        let edge = self.graph.edge(edge);
        Some((edge.from[0].step()?, edge.to.step()?))
    }

    /// What each waiver is about, in its statement.
    pub(super) fn waived(&self) -> Vec<WaivedNote> {
        let waived = self.graph.waived.iter().map(|(statement, waiver)| {
            let is_meant = |edge: &EdgeId| self.graph.edge(*edge).statement == *statement;
            let of = |rule: &Rule, candidates: fn(&Graph) -> Vec<EdgeId>| {
                let candidates = if waiver.rule == rule.name {
                    candidates(self.graph)
                } else {
                    Vec::new()
                };
                candidates.into_iter().filter(is_meant)
            };
            let idle = of(&idle_boundary::RULE, idle_boundary::candidates);
            let hasty = of(&hasty_edge::RULE, hasty_edge::candidates);
            WaivedNote {
                unkeyed: Vec::new(),
                rule: waiver.rule.clone(),
                idle: idle.filter_map(|edge| self.joined(edge)).collect(),
                hasty: hasty.filter_map(|edge| self.behind(edge)).collect(),
            }
        });
        waived.chain(self.waived_of_nodes()).collect()
    }

    /// The same in statements about nodes. Whether replicas overtake before a key is
    /// known by now.
    fn waived_of_nodes(&self) -> impl Iterator<Item = WaivedNote> {
        let candidates = unkeyed_replicas::candidates(self.graph);
        candidates.into_iter().flat_map(move |node| {
            let waived = self.graph.node(node).settings.waived.iter();
            waived.map(move |waiver| WaivedNote {
                rule: waiver.rule.clone(),
                idle: Vec::new(),
                hasty: Vec::new(),
                unkeyed: self.task(node),
            })
        })
    }

    pub(super) fn unkeyed(&self) -> Vec<(Vec<usize>, TokenStream)> {
        let rule = &unkeyed_replicas::RULE;
        let candidates = unkeyed_replicas::candidates(self.graph).into_iter();
        let noted = candidates.filter(|&node| !waivers::is_waived_of(self.graph, node, rule));
        let noted = noted.map(|node| (self.task(node), unkeyed_replicas::anchor(self.graph, node)));
        noted.collect()
    }

    pub(super) fn overtaken(&self) -> Vec<(String, TokenStream)> {
        let rule = &unkeyed_replicas::RULE;
        let noted = self.graph.steps().filter_map(|node| {
            let before = unkeyed_replicas::overtaken(self.graph, node)?;
            let [step, before] = [node, before].map(|node| &*self.graph.node(node).name);
            let text = unkeyed_replicas::overtaken_text(step, before);
            let anchor = unkeyed_replicas::anchor(self.graph, node);
            (!waivers::is_waived_of(self.graph, node, rule)).then_some((text, anchor))
        });
        noted.collect()
    }

    /// The edges that may be too hasty, with the steps of the task behind each.
    pub(super) fn hasty(&self) -> Vec<(usize, Vec<usize>)> {
        let candidates = hasty_edge::candidates(self.graph).into_iter();
        let rule = &hasty_edge::RULE;
        let noted = candidates.filter(|&edge| !waivers::is_waived(self.graph, edge, rule));
        noted.filter_map(|edge| self.behind(edge)).collect()
    }

    /// An edge, and the steps of the task behind it.
    fn behind(&self, edge: EdgeId) -> Option<(usize, Vec<usize>)> {
        let task = self.task(self.graph.edge(edge).to);
        Some((self.number(edge)?, task))
    }
}
