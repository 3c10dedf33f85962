//! The validated models: what expansion may rely on, so that it cannot fail.

mod hops;
mod loops;

use std::collections::BTreeSet;
use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::{Attribute, Ident, Path, Type, Visibility};

use crate::amount::Amount;
use crate::graph::{
    self, Arm, Between, Border, Conditions, Contract, Declared, EdgeId, EdgeKind, Entry, EntryKind,
    Exit, ExitKind, Graph, Isolation, Key, Level, Loops, Nests, NodeId, OtherwiseKind, Rate,
    Strategy, is_quiet_fallback,
};
use crate::report::span_of;
use crate::review::{Rule, hasty_edge, idle_boundary, unkeyed_replicas, waivers};
use crate::syntax::{Kind, Output, Retry, Step};

/// A topology that obeys every rule.
pub(crate) struct Plan {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) input: Type,
    pub(crate) output: Output,
    pub(crate) state: Option<Type>,
    pub(crate) deadline: Option<Amount<Duration>>,
    pub(crate) memory: Option<Amount<u64>>,
    /// What is restarted with one of the boundaries that are inside no other.
    pub(crate) strategy: Option<Strategy>,
    pub(crate) steps: Vec<PlannedStep>,
    pub(crate) boundaries: Vec<PlannedBoundary>,
    /// The numbers of the steps, each behind those that lead to it.
    pub(crate) order: Vec<usize>,
    /// The edges with a queue; calls are part of their caller's exit.
    pub(crate) edges: Vec<PlannedEdge>,
    /// The edges that leave `in`.
    pub(crate) entrance: Vec<usize>,
    /// The end of the race that begins at `in`.
    pub(crate) race: Option<usize>,
    /// All ways from node to node, each behind those that lead to it.
    pub(crate) hops: Vec<Hop>,
    /// What the parts that wait at each join are bounded by.
    pub(crate) tables: Vec<Table>,
    /// The loops, each before those that it is inside.
    pub(crate) loops: Vec<LoopPlan>,
    /// The edges that may be idle boundaries: the steps, and the arrow.
    pub(crate) idle: Vec<(usize, usize, TokenStream)>,
    /// The edges that may be too hasty, with the steps of the task behind each.
    pub(crate) hasty: Vec<(usize, Vec<usize>)>,
    /// The steps that may have states and no key: those of the task, and what to
    /// underline.
    pub(crate) unkeyed: Vec<(Vec<usize>, TokenStream)>,
    /// What is said of keys behind replicas that overtake, and what to underline.
    pub(crate) overtaken: Vec<(String, TokenStream)>,
    /// The notes that are waived. Whether one of them applies only the compiler
    /// knows.
    pub(crate) waived: Vec<WaivedNote>,
    pub(crate) mermaid: String,
}

/// One way from a node to another.
pub(crate) struct Hop {
    /// `None` for `in`.
    pub(crate) from: Option<usize>,
    /// `None` for `out`.
    pub(crate) to: Option<usize>,
    /// `None` for a call.
    pub(crate) edge: Option<usize>,
    /// The `each` whose scope lies between.
    pub(crate) scope: Option<usize>,
}

/// A loop: node numbers count `in` as 0.
pub(crate) struct LoopPlan {
    pub(crate) header: usize,
    /// The node that each back edge leaves, and the edge.
    pub(crate) backs: Vec<(usize, usize)>,
    /// The ways inside: from, to, the edge unless it is a call, and whether it
    /// brings whole messages.
    pub(crate) ways: Vec<(usize, usize, Option<usize>, bool)>,
    /// The steps inside that have tasks.
    pub(crate) steps: Vec<usize>,
}

/// What a message that takes a back edge begins anew.
pub(crate) struct BackPlan {
    pub(crate) rounds: Amount<usize>,
    /// How many loops its own is inside.
    pub(crate) depth: usize,
    /// The back edges of the loops inside.
    pub(crate) inner: Vec<usize>,
    /// The joins inside.
    pub(crate) joins: Vec<usize>,
}

/// The parts that wait at a join: each has a sibling on one of these edges, or
/// in one of these steps.
pub(crate) struct Table {
    pub(crate) step: usize,
    pub(crate) edges: Vec<usize>,
    pub(crate) steps: Vec<usize>,
    /// Of a scope: the `each` that opens it, the step that does, and the step
    /// whose results wait.
    pub(crate) scope: Option<(usize, usize, Option<usize>)>,
}

pub(crate) struct PlannedBoundary {
    pub(crate) name: String,
    pub(crate) isolation: Isolation,
    /// The word for that.
    pub(crate) kind: Ident,
    /// The number of the boundary that it is inside.
    pub(crate) outer: Option<usize>,
    pub(crate) declared: Declared,
}

pub(crate) struct PlannedStep {
    pub(crate) name: String,
    /// The variable that holds its queue.
    pub(crate) binding: Ident,
    /// The type that stands for its contract, so that a path which leads
    /// nowhere is one error.
    pub(crate) alias: Ident,
    pub(crate) path: Path,
    pub(crate) mention: TokenStream,
    pub(crate) replicas: Option<Amount<usize>>,
    /// The fewest, where their number changes.
    pub(crate) least: Option<Amount<usize>>,
    /// What is said of replicas.
    pub(crate) said: Option<TokenStream>,
    /// Where their number changes: the step, and those that it calls.
    pub(crate) task: Vec<usize>,
    pub(crate) key: Option<Key>,
    pub(crate) rate: Option<Rate>,
    /// The number of the boundary that it is in, and where that names it.
    pub(crate) boundary: Option<(usize, TokenStream)>,
    /// The number of the boundary that is the process in which it runs.
    pub(crate) process: Option<usize>,
    /// The edge that says how the step takes batches.
    pub(crate) batch: Option<usize>,
    pub(crate) entry: EntryPlan,
    /// The first arrow that leads here.
    pub(crate) arrow: Option<TokenStream>,
    pub(crate) exit: ExitPlan,
    pub(crate) otherwise: OtherwisePlan,
    /// Whether a message that begins here would be waited for in vain.
    pub(crate) is_partial: bool,
    /// The parts of joins that wait in vain if a branch ends here.
    pub(crate) passed_over: Vec<usize>,
}

pub(crate) enum EntryPlan {
    /// A queue that one or several edges lead to.
    Queue,
    /// A table that the parts of a message meet in, and a queue for those
    /// that have met.
    Join {
        parts: usize,
        /// The sources as they were written.
        anchor: TokenStream,
        /// Whether all parts may be missing, and the join with them.
        can_be_skipped: bool,
    },
    /// None: another step calls it.
    Call,
    /// None: messages begin here.
    Source,
}

impl EntryPlan {
    /// Whether messages wait here.
    pub(crate) fn has_queue(&self) -> bool {
        matches!(self, Self::Queue | Self::Join { .. })
    }
}

pub(crate) enum ExitPlan {
    Sink,
    /// One edge, or several that each get a clone.
    All {
        edges: Vec<usize>,
        anchor: TokenStream,
    },
    /// One edge, item by item.
    Each {
        edge: usize,
        /// The edge that collects what comes of them.
        all: Option<usize>,
        anchor: TokenStream,
    },
    /// Several edges that each get a clone, as arms of a race.
    Race {
        edges: Vec<usize>,
        /// An edge at which the race ends.
        finish: usize,
        anchor: TokenStream,
    },
    /// The step that is called with the output.
    Call {
        step: usize,
        anchor: TokenStream,
    },
    Match {
        arms: Vec<ArmPlan>,
        anchor: TokenStream,
    },
}

/// An arm, and the edge it leads to; `None` to end the branch.
pub(crate) struct ArmPlan {
    pub(crate) arm: Arm,
    pub(crate) edge: Option<usize>,
}

pub(crate) struct OtherwisePlan {
    pub(crate) kind: OtherwisePlanKind,
    pub(crate) anchor: TokenStream,
}

#[derive(Clone, Copy)]
pub(crate) enum OtherwisePlanKind {
    Fail,
    Skip,
    Abort,
    /// The branch goes on along an edge, or ends behind it quietly.
    Step {
        edge: usize,
        is_quiet: bool,
    },
    /// The whole message goes on along an edge.
    Instead {
        edge: usize,
    },
}

pub(crate) struct PlannedEdge {
    pub(crate) field: Ident,
    pub(crate) from: String,
    pub(crate) to: String,
    /// `None` for `out`.
    pub(crate) step: Option<usize>,
    pub(crate) kind: EdgePlanKind,
    /// Whether it is an `each`.
    pub(crate) opens_scope: bool,
    pub(crate) back: Option<BackPlan>,
    pub(crate) contract: Contract,
    /// The first edge that shares its bracket: what holds for several arrows is
    /// evaluated once.
    pub(crate) bracket: usize,
    pub(crate) anchor: TokenStream,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EdgePlanKind {
    Flow,
    /// The part at this position of a join.
    Part {
        position: usize,
        is_optional: bool,
    },
    /// From an item to its `all`.
    All,
    /// From an arm of a race to its end.
    Finish {
        arms: usize,
        /// Whether several arms win.
        takes_several: bool,
    },
    Failure,
}

/// A step whose attribute obeys every rule.
pub(crate) struct StepPlan<'a> {
    pub(crate) step: &'a Step,
    pub(crate) kind: Kind,
    pub(crate) timeout: Option<Amount<Duration>>,
    pub(crate) retry: Option<Retry>,
    pub(crate) is_idempotent: bool,
    /// How often a stateful step ticks.
    pub(crate) tick: Option<Amount<Duration>>,
}

impl Plan {
    /// Whether any boundary is a process.
    pub(crate) fn has_processes(&self) -> bool {
        let mut boundaries = self.boundaries.iter();
        boundaries.any(|boundary| boundary.isolation == Isolation::Process)
    }

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

struct Planner<'a> {
    graph: &'a Graph<'a>,
    nests: &'a Nests,
    loops: &'a Loops,
    /// The parts of which a join may be told that they do not come.
    told: BTreeSet<EdgeId>,
    /// The parts that a join may have to run without.
    optional: BTreeSet<EdgeId>,
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
    fn closing(&self, opening: EdgeId) -> Option<usize> {
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
        let brackets: Vec<_> = queued.iter().map(|&id| self.bracket(id)).collect();
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

    /// Where the edge's bracket begins.
    fn bracket(&self, id: EdgeId) -> Option<(usize, usize)> {
        let bracket = self.graph.edge(id).contract.bracket.as_ref()?;
        let start = span_of(bracket).start();
        Some((start.line, start.column))
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

    fn idle(&self) -> Vec<(usize, usize, TokenStream)> {
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
    fn waived(&self) -> Vec<WaivedNote> {
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

    fn unkeyed(&self) -> Vec<(Vec<usize>, TokenStream)> {
        let rule = &unkeyed_replicas::RULE;
        let candidates = unkeyed_replicas::candidates(self.graph).into_iter();
        let noted = candidates.filter(|&node| !waivers::is_waived_of(self.graph, node, rule));
        let noted = noted.map(|node| (self.task(node), unkeyed_replicas::anchor(self.graph, node)));
        noted.collect()
    }

    fn overtaken(&self) -> Vec<(String, TokenStream)> {
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

    fn tables(&self) -> Vec<Table> {
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

    /// The edges that may be too hasty, with the steps of the task behind each.
    fn hasty(&self) -> Vec<(usize, Vec<usize>)> {
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

    /// A step, and those that it calls.
    fn task(&self, node: NodeId) -> Vec<usize> {
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

    fn number(&self, edge: EdgeId) -> Option<usize> {
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

/// A note that a statement waives.
pub(crate) struct WaivedNote {
    pub(crate) rule: Ident,
    /// The steps between which the statement draws an edge.
    pub(crate) idle: Vec<(usize, usize)>,
    /// The edges that it draws, with the steps of the task behind each.
    pub(crate) hasty: Vec<(usize, Vec<usize>)>,
    /// The steps of the task that it is about.
    pub(crate) unkeyed: Vec<usize>,
}

/// A node's name as part of an identifier: `steps::parse::<Order>` becomes
/// `steps_parse_order`.
fn words(name: &str) -> String {
    let letters = name.strip_prefix("r#").unwrap_or(name);
    let mut words = String::new();
    for letter in letters.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            words.extend(letter.to_lowercase());
        } else if !words.ends_with('_') {
            words.push('_');
        }
    }
    words.trim_matches('_').to_owned()
}

/// The name with a number behind it where others have the same, or where it
/// would be a keyword.
fn unique(name: &str, position: usize, all: &[String]) -> Ident {
    let shared = all.iter().filter(|other| *other == name).count() > 1;
    let span = Span::mixed_site();
    if !shared && is_plain(name) {
        return Ident::new(name, span);
    }
    if !shared && let Ok(ident) = syn::parse_str::<Ident>(name) {
        return Ident::new(&ident.to_string(), span);
    }
    Ident::new(&format!("{name}_{position}"), span)
}

/// Whether it is an identifier at first sight: no keyword has an underscore or a
/// digit inside. To read it as Rust takes a compiler long.
fn is_plain(name: &str) -> bool {
    let is_part = |letter: u8| letter == b'_' || letter.is_ascii_digit();
    match name.as_bytes() {
        [first, rest @ ..] if first.is_ascii_lowercase() => {
            let is_identifier = |&letter: &u8| letter.is_ascii_lowercase() || is_part(letter);
            rest.iter().all(is_identifier) && rest.iter().any(|&letter| is_part(letter))
        }
        _ => false,
    }
}
