//! What a branch that ends quietly passes over: the joins that would wait for
//! it, and the parts that may therefore be missing.

use std::collections::BTreeSet;

use super::{EdgeId, EntryKind, ExitKind, Graph, NodeId, OtherwiseKind};

/// The outcome, by node.
pub(crate) struct Skips {
    /// The parts that a branch which ends at this node no longer brings.
    pub(crate) passed_over: Vec<BTreeSet<EdgeId>>,
    /// The parts that a join may have to do without.
    pub(crate) optional: BTreeSet<EdgeId>,
}

/// Finds which parts may be missing. A join all of whose parts may be missing
/// may itself be skipped, so this goes on until nothing is added.
pub(crate) fn skips(graph: &Graph) -> Skips {
    let passed_over: Vec<_> = (0..graph.nodes.len())
        .map(|node| passed_over(graph, NodeId(node)))
        .collect();
    let mut optional = BTreeSet::new();
    loop {
        let before = optional.len();
        for node in graph.steps() {
            if may_end_quietly(graph, node, &optional) {
                let missing = passed_over[node.0].iter().copied();
                optional
                    .extend(missing.filter(|&part| !takes_all(graph, part, &passed_over[node.0])));
            }
        }
        if optional.len() == before {
            break;
        }
    }
    // Nobody waits at a join that is passed over as a whole.
    let waiting = |all: &BTreeSet<EdgeId>| {
        let parts = all.iter().copied();
        parts.filter(|&part| !takes_all(graph, part, all)).collect()
    };
    Skips {
        passed_over: passed_over.iter().map(waiting).collect(),
        optional,
    }
}

/// The parts of joins that are reached from what follows `node`. A join all of
/// whose parts are passed over is passed over too.
fn passed_over(graph: &Graph, node: NodeId) -> BTreeSet<EdgeId> {
    let mut parts = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        if !seen.insert(node) {
            continue;
        }
        let flow = graph.node(node).exits.iter().flat_map(|exit| &exit.edges);
        for &edge in flow {
            let target = graph.edge(edge).to;
            if !is_part(graph, edge) {
                todo.push(target);
                continue;
            }
            parts.insert(edge);
            if takes_all(graph, edge, &parts) {
                todo.push(target);
            }
        }
    }
    parts
}

fn is_part(graph: &Graph, edge: EdgeId) -> bool {
    let entries = &graph.node(graph.edge(edge).to).entries;
    entries
        .iter()
        .any(|entry| entry.kind == EntryKind::Join && entry.edges.contains(&edge))
}

/// Whether all parts of the join that `part` leads to are among `parts`.
fn takes_all(graph: &Graph, part: EdgeId, parts: &BTreeSet<EdgeId>) -> bool {
    let entries = &graph.node(graph.edge(part).to).entries;
    let join = entries.iter().find(|entry| entry.edges.contains(&part));
    join.is_some_and(|join| join.edges.iter().all(|edge| parts.contains(edge)))
}

/// Whether a branch may end at this node without its message having failed.
fn may_end_quietly(graph: &Graph, node: NodeId, optional: &BTreeSet<EdgeId>) -> bool {
    let skips = graph
        .otherwise(node)
        .is_some_and(|otherwise| match otherwise.kind {
            OtherwiseKind::Skip => true,
            OtherwiseKind::Route(edge) => is_quiet_fallback(graph, edge),
            OtherwiseKind::Fail | OtherwiseKind::Abort => false,
        });
    let discards = graph.node(node).exits.iter().any(|exit| match &exit.kind {
        ExitKind::Match(arms) => arms.iter().any(|arm| arm.target.is_none()),
        _ => false,
    });
    let is_skipped_join = graph.node(node).entries.iter().any(|entry| {
        entry.kind == EntryKind::Join && entry.edges.iter().all(|edge| optional.contains(edge))
    });
    skips || discards || is_skipped_join
}

/// A fallback that leads nowhere is a sink: the branch was skipped.
pub(crate) fn is_quiet_fallback(graph: &Graph, edge: EdgeId) -> bool {
    let edge = graph.edge(edge);
    edge.kind == super::EdgeKind::Failure && graph.node(edge.to).exits.is_empty()
}
