//! From a reviewed graph to a plan.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::Ident;

use super::names::{unique, words};
use super::{
    ArmPlan, EdgePlanKind, EntryPlan, ExitPlan, OtherwisePlan, OtherwisePlanKind, Plan,
    PlannedBoundary, PlannedEdge, PlannedStep,
};
use crate::graph::{
    self, Arm, Border, Conditions, EdgeId, EdgeKind, Entry, EntryKind, Exit, ExitKind, Graph,
    Loops, Nests, NodeId, OtherwiseKind, is_quiet_fallback,
};
use crate::report::span_of;

impl Plan {
    /// Only for graphs that were reviewed: what a rule excludes is not looked
    /// at again.
    pub(crate) fn new(graph: &Graph, conditions: &mut Conditions) -> Self {
        let ends = graph
            .steps()
            .filter(|&node| conditions.may_end(graph, node));
        let told = ends
            .flat_map(|node| graph::passed_over(graph, &conditions.nests, node))
            .collect();
        let all = (0..graph.edges.len()).map(EdgeId);
        let optional = all
            .filter(|&edge| conditions.is_optional(graph, edge))
            .collect();
        Planner {
            graph,
            nests: &conditions.nests,
            loops: &conditions.loops,
            told,
            optional,
            numbers: numbers(graph),
            words: graph.nodes.iter().map(|node| words(&node.name)).collect(),
        }
        .plan()
    }
}

pub(super) struct Planner<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) nests: &'a Nests,
    pub(super) loops: &'a Loops,
    /// The parts of which a join may be told that they do not come.
    pub(super) told: BTreeSet<EdgeId>,
    /// The parts that a join may have to run without.
    pub(super) optional: BTreeSet<EdgeId>,
    /// The position among the planned edges, by [`EdgeId`].
    numbers: Vec<Option<usize>>,
    /// The names of the nodes, as identifiers.
    words: Vec<String>,
}

/// Numbers the edges that have a queue.
fn numbers(graph: &Graph) -> Vec<Option<usize>> {
    let mut next = 0;
    (0..graph.edges.len())
        .map(|position| {
            graph.has_queue(EdgeId(position)).then(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}

impl Planner<'_> {
    fn plan(self) -> Plan {
        let graph = self.graph;
        let syntax = graph.syntax;
        Plan {
            attributes: syntax.attributes.clone(),
            visibility: syntax.visibility.clone(),
            name: syntax.name.clone(),
            input: syntax.input.clone(),
            output: syntax.output.clone(),
            state: graph.settings.state.clone(),
            deadline: graph.settings.deadline.clone(),
            memory: graph.settings.memory.clone(),
            strategy: graph.settings.strategy,
            hops: self.hops(),
            tables: self.tables(),
            loops: self.loops(),
            steps: graph.steps().map(|id| self.step(id)).collect(),
            boundaries: graph.boundaries.iter().map(boundary).collect(),
            order: graph
                .in_order()
                .into_iter()
                .filter_map(NodeId::step)
                .collect(),
            edges: self.edges(),
            entrance: match self.exit(NodeId::IN) {
                ExitPlan::All { edges, .. } | ExitPlan::Race { edges, .. } => edges,
                _ => Vec::new(),
            },
            race: match self.exit(NodeId::IN) {
                ExitPlan::Race { finish, .. } => Some(finish),
                _ => None,
            },
            idle: self.idle(),
            hasty: self.hasty(),
            unkeyed: self.unkeyed(),
            overtaken: self.overtaken(),
            waived: self.waived(),
            mermaid: graph::mermaid(graph),
        }
    }

    fn step(&self, id: NodeId) -> PlannedStep {
        let node = self.graph.node(id);
        let passed_over = graph::passed_over(self.graph, self.nests, id);
        let binding = unique(&self.words[id.0], id.0, &self.words);
        PlannedStep {
            name: node.name.clone(),
            alias: format_ident!("__{}", binding, span = span_of(&node.mention)),
            binding,
            path: node.path.clone(),
            mention: node.mention.clone(),
            replicas: node.settings.replicas.clone(),
            least: node.settings.least.clone(),
            said: node.settings.written.clone(),
            task: if node.settings.least.is_some() {
                self.task(id)
            } else {
                Vec::new()
            },
            key: node.settings.key.clone(),
            rate: node.settings.rate.clone(),
            boundary: node
                .membership()
                .map(|(boundary, mention)| (boundary.0, mention.clone())),
            process: self.graph.process(id).map(|process| process.0),
            batch: self.batch(id),
            is_partial: self.graph.is_partial(self.nests, id),
            entry: match node.entries.first() {
                Some(entry) => self.entry(entry),
                None => EntryPlan::Source,
            },
            arrow: self.arrow(id),
            exit: self.exit(id),
            otherwise: self.otherwise(id),
            passed_over: passed_over
                .iter()
                .filter_map(|&edge| self.number(edge))
                .collect(),
        }
    }

    fn batch(&self, id: NodeId) -> Option<usize> {
        let entries = self.graph.node(id).entries.iter();
        let mut edges = entries.flat_map(|entry| &entry.edges);
        let batched = |edge: &&EdgeId| self.graph.edge(**edge).contract.batch.is_some();
        self.number(*edges.find(batched)?)
    }

    fn arrow(&self, id: NodeId) -> Option<TokenStream> {
        let entry = self.graph.node(id).entries.first()?;
        let edge = self.graph.edge(*entry.edges.first()?);
        Some(edge.anchor.clone())
    }

    fn entry(&self, entry: &Entry) -> EntryPlan {
        match entry.kind {
            EntryKind::Join => EntryPlan::Join {
                parts: entry.edges.len(),
                anchor: entry.anchor.clone(),
                can_be_skipped: entry.edges.iter().all(|part| self.told.contains(part)),
            },
            EntryKind::Call => EntryPlan::Call,
            EntryKind::Merge
            | EntryKind::Arm
            | EntryKind::Race
            | EntryKind::Each
            | EntryKind::All
            | EntryKind::Failure => EntryPlan::Queue,
        }
    }

    fn exit(&self, id: NodeId) -> ExitPlan {
        let Some(exit) = self.graph.node(id).exits.first() else {
            return ExitPlan::Sink;
        };
        let anchor = exit.anchor.clone();
        match &exit.kind {
            ExitKind::All | ExitKind::Either => ExitPlan::All {
                edges: self.all(exit),
                anchor,
            },
            ExitKind::Call => ExitPlan::Call {
                step: self.graph.edge(exit.edges[0]).to.0 - 2,
                anchor,
            },
            ExitKind::Each => ExitPlan::Each {
                edge: self.number(exit.edges[0]).expect("an `each` has a queue"),
                all: self.closing(exit.edges[0]),
                anchor,
            },
            ExitKind::Race => ExitPlan::Race {
                edges: self.all(exit),
                finish: self
                    .closing(exit.edges[0])
                    .expect("reviewed: a race has an end"),
                anchor,
            },
            ExitKind::Match(arms) => ExitPlan::Match {
                arms: arms.iter().map(|arm| self.arm(arm)).collect(),
                anchor,
            },
        }
    }

    /// The first edge that closes what this one opens.
    pub(super) fn closing(&self, opening: EdgeId) -> Option<usize> {
        let inside = self.nests.behind(opening).last()?;
        let closing = self.nests.closed_by(inside.opener()).first()?;
        self.number(*closing)
    }

    fn all(&self, exit: &Exit) -> Vec<usize> {
        exit.edges
            .iter()
            .filter_map(|&edge| self.number(edge))
            .collect()
    }

    fn arm(&self, arm: &Arm) -> ArmPlan {
        ArmPlan {
            arm: arm.clone(),
            edge: arm.target.as_ref().and_then(|(edge, _)| self.number(*edge)),
        }
    }

    fn otherwise(&self, id: NodeId) -> OtherwisePlan {
        let Some(otherwise) = self.graph.otherwise(id) else {
            // Reviewed: every step has an `else`, but for sources.
            return OtherwisePlan {
                kind: OtherwisePlanKind::Fail,
                anchor: self.graph.node(id).mention.clone(),
            };
        };
        let kind = match otherwise.kind {
            OtherwiseKind::Fail => OtherwisePlanKind::Fail,
            OtherwiseKind::Skip => OtherwisePlanKind::Skip,
            OtherwiseKind::Abort => OtherwisePlanKind::Abort,
            OtherwiseKind::Route(route) => {
                let edge = self.number(route).expect("failure routes have a queue");
                match self.graph.edge(route).kind {
                    EdgeKind::Instead => OtherwisePlanKind::Instead { edge },
                    _ => OtherwisePlanKind::Step {
                        edge,
                        is_quiet: is_quiet_fallback(self.graph, route),
                    },
                }
            }
        };
        OtherwisePlan {
            kind,
            anchor: otherwise.anchor.clone(),
        }
    }

    fn edges(&self) -> Vec<PlannedEdge> {
        let all = (0..self.graph.edges.len()).map(EdgeId);
        let queued: Vec<_> = all.filter(|&id| self.graph.has_queue(id)).collect();
        let names: Vec<_> = queued.iter().map(|&id| self.field(id)).collect();
        let brackets = queued.iter().map(|&id| self.graph.edge(id).contract.begins);
        let brackets: Vec<_> = brackets.collect();
        queued
            .iter()
            .enumerate()
            .map(|(position, &id)| {
                let own = brackets[position];
                let first = brackets.iter().position(|bracket| *bracket == own);
                PlannedEdge {
                    field: unique(&names[position], position, &names),
                    bracket: first.unwrap_or_default(),
                    ..self.edge(id)
                }
            })
            .collect()
    }

    fn field(&self, id: EdgeId) -> String {
        let edge = self.graph.edge(id);
        let (from, to) = (&self.words[edge.from[0].0], &self.words[edge.to.0]);
        let between = if edge.kind.is_failure() { "else" } else { "to" };
        format!("{from}_{between}_{to}")
    }

    fn edge(&self, id: EdgeId) -> PlannedEdge {
        let edge = self.graph.edge(id);
        let names: Vec<_> = edge
            .from
            .iter()
            .map(|&from| self.graph.node(from).name.clone())
            .collect();
        PlannedEdge {
            field: Ident::new("edge", Span::mixed_site()),
            from: names.join(", "),
            to: self.graph.node(edge.to).name.clone(),
            step: edge.to.step(),
            kind: self.edge_kind(id),
            opens_scope: edge.border == Border::Each,
            back: self.back(id),
            contract: edge.contract.clone(),
            bracket: 0,
            anchor: edge.anchor.clone(),
        }
    }

    fn edge_kind(&self, id: EdgeId) -> EdgePlanKind {
        let edge = self.graph.edge(id);
        if edge.kind.is_failure() {
            return EdgePlanKind::Failure;
        }
        match edge.border {
            Border::All => return EdgePlanKind::All,
            Border::Finish => {
                let entries = self.graph.node(edge.to).entries.iter();
                let mut race = entries.filter(|entry| entry.edges.contains(&id));
                return EdgePlanKind::Finish {
                    arms: race.next().map_or(0, |entry| entry.edges.len()),
                    takes_several: edge.contract.first.is_some(),
                };
            }
            _ => {}
        }
        let entries = &self.graph.node(edge.to).entries;
        let join = entries.iter().find(|entry| entry.kind == EntryKind::Join);
        match join.and_then(|join| join.edges.iter().position(|part| *part == id)) {
            Some(position) => EdgePlanKind::Part {
                position,
                is_optional: self.optional.contains(&id),
            },
            None => EdgePlanKind::Flow,
        }
    }

    /// A step, and those that it calls.
    pub(super) fn task(&self, node: NodeId) -> Vec<usize> {
        let mut steps = Vec::new();
        let mut next = Some(node);
        while let Some(node) = next {
            steps.extend(node.step());
            let exits = self.graph.node(node).exits.iter();
            let mut calls = exits.filter(|exit| matches!(exit.kind, ExitKind::Call));
            next = calls.next().map(|exit| self.graph.edge(exit.edges[0]).to);
        }
        steps
    }

    pub(super) fn number(&self, edge: EdgeId) -> Option<usize> {
        self.numbers[edge.0]
    }
}

fn boundary(boundary: &graph::Boundary) -> PlannedBoundary {
    PlannedBoundary {
        name: boundary.name.to_string(),
        isolation: boundary.isolation,
        kind: boundary.kind.clone(),
        outer: boundary.outer.map(|outer| outer.0),
        declared: boundary.declared.clone(),
    }
}
