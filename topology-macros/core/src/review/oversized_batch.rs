//! A batch that never fills up, or that steps disagree about.

use super::{Example, Level, Rule, misplaced_attribute, missing_capacity, repeated_attribute};
use crate::amount::Amount;
use crate::graph::{Border, EdgeId, EntryKind, Graph, NodeId};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "oversized_batch",
    level: Level::Error,
    summary: "A batch is larger than its edge, and never fills up",
    explain: "The messages of a batch wait on their edge until it is full, and count against its \
              capacity. A batch larger than that never fills up: every one of them waits for its \
              linger to pass, while the producer waits for room.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> store [capacity = 64, timeout = 1s, batch = 100, linger = 10ms];
            store -> out [capacity = 64, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> store [capacity = 64, timeout = 1s, batch = 50, linger = 10ms];
            store -> out [capacity = 64, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    for id in missing_capacity::brackets(graph) {
        let contract = &graph.edge(id).contract;
        let (Some(Amount::Known(batch, tokens)), Some(Amount::Known(capacity, _))) =
            (&contract.batch, &contract.capacity)
        else {
            continue;
        };
        if batch > capacity {
            let fault = Fault::new(
                &RULE,
                tokens,
                format!("a batch of {batch} never forms on an edge for {capacity}"),
            );
            report.push(fault.help(format!("make room for it: `capacity = {batch}` or more")));
        }
    }
    for node in graph.steps() {
        if let Some(fault) = misled(graph, node).or_else(|| disagreement(graph, node)) {
            report.push(fault);
        }
    }
    let ends = graph.node(NodeId::OUT).entries.iter();
    let mut edges = ends.flat_map(|entry| &entry.edges);
    let batched = edges.find(|&&edge| graph.edge(edge).contract.batch.is_some());
    if let Some(&edge) = batched {
        report.push(misplaced_attribute::no_batch(
            graph,
            edge,
            "`out` answers one message at a time",
        ));
    }
}

/// A batch where single messages do not come.
fn misled(graph: &Graph, node: NodeId) -> Option<Fault> {
    let name = &graph.node(node).name;
    for entry in &graph.node(node).entries {
        let batched = entry.edges.iter().copied().find(|&edge| {
            let edge = graph.edge(edge);
            edge.contract.batch.is_some()
        });
        let Some(edge) = batched else { continue };
        let why = match (entry.kind, graph.edge(edge).border) {
            (EntryKind::Join, _) => format!("`{name}` takes the parts of one message together"),
            (_, Border::All) => format!("`{name}` takes all results of one scope together"),
            (_, Border::Finish) => format!("`{name}` takes what wins a race"),
            _ => continue,
        };
        return Some(misplaced_attribute::no_batch(graph, edge, &why));
    }
    let exits = graph.node(node).exits.iter();
    let calls = exits.flat_map(|exit| &exit.edges).copied();
    let mut calls = calls.filter(|&edge| !graph.has_queue(edge));
    let batched = batches(graph, node).next()?;
    let call = calls.next()?;
    let called = &graph.node(graph.edge(call).to).name;
    Some(
        misplaced_attribute::no_batch(
            graph,
            batched,
            &format!("`{name} >> {called}` would call `{called}` with one message of several"),
        )
        .help(format!(
            "its results go on as messages of their own: `{name} -> {called}`"
        )),
    )
}

/// The edges into a step that say something of batches.
fn batches<'a>(graph: &'a Graph<'a>, node: NodeId) -> impl Iterator<Item = EdgeId> + 'a {
    let entries = graph.node(node).entries.iter();
    let edges = entries.flat_map(|entry| entry.edges.iter().copied());
    edges.filter(|&edge| graph.edge(edge).contract.batch.is_some())
}

/// Two edges into one step that declare different batches.
fn disagreement(graph: &Graph, node: NodeId) -> Option<Fault> {
    let said = |edge: EdgeId| {
        let contract = &graph.edge(edge).contract;
        let batch = contract.batch.as_ref().map(Amount::text);
        (batch, contract.linger.as_ref().map(Amount::text))
    };
    let first = batches(graph, node).next()?;
    let entries = graph.node(node).entries.iter();
    let mut edges = entries.flat_map(|entry| entry.edges.iter().copied());
    let other = edges.find(|&edge| said(edge) != said(first))?;
    Some(repeated_attribute::other_batch(graph, node, first, other))
}
