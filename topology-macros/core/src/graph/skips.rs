//! What a branch that ends quietly passes over: the joins that would wait for
//! it.

use std::collections::BTreeSet;

use super::{EdgeId, EdgeKind, EntryKind, Graph, Nests, NodeId};

/// The parts that a branch which ends at this node no longer brings, of the
/// joins that may have other parts to wait for.
pub(crate) fn passed_over(graph: &Graph, nests: &Nests, node: NodeId) -> BTreeSet<EdgeId> {
    let all = all_passed_over(graph, nests, node);
    let waiting = all
        .iter()
        .copied()
        .filter(|&part| !takes_all(graph, part, &all));
    waiting.collect()
}

/// The parts of joins that are reached from what follows `node`. A join all of
/// whose parts are passed over is passed over too.
fn all_passed_over(graph: &Graph, nests: &Nests, node: NodeId) -> BTreeSet<EdgeId> {
    let mut parts = BTreeSet::new();
    if !graph.has_joins() {
        return parts;
    }
    let mut seen = BTreeSet::new();
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        if !seen.insert(node) {
            continue;
        }
        let flow = graph.node(node).exits.iter().flat_map(|exit| &exit.edges);
        for &edge in flow {
            let target = graph.edge(edge).to;
            if graph.edge(edge).is_back() || graph.edge(edge).border.closes() {
                // What ends in a nest is left out of it, and nothing outside
                // hears of it.
                continue;
            }
            if graph.edge(edge).border.opens() {
                // Nobody in the nest has begun to wait.
                let closers = nests.node(target).last().map(|level| level.opener());
                let closers = closers.map_or(&[][..], |opener| nests.closed_by(opener));
                todo.extend(closers.iter().map(|&closer| graph.edge(closer).to));
                continue;
            }
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

/// A fallback that leads nowhere is a sink: the branch was skipped. So it was
/// where every arm of the fallback's `match` discards.
pub(crate) fn is_quiet_fallback(graph: &Graph, edge: EdgeId) -> bool {
    let edge = graph.edge(edge);
    let mut exits = graph.node(edge.to).exits.iter();
    edge.kind == EdgeKind::Failure && exits.all(|exit| exit.edges.is_empty())
}
