//! Notes that a statement waives.

use proc_macro2::Ident;

use super::{Rule, hasty_edge, idle_boundary, unkeyed_replicas};
use crate::graph::{EdgeId, Graph, NodeId};
use crate::report::{Fault, Report};

/// Whether the statement that draws the edge waives the note.
pub(crate) fn is_waived(graph: &Graph, edge: EdgeId, rule: &Rule) -> bool {
    let statement = graph.edge(edge).statement;
    graph
        .waived
        .iter()
        .any(|(waived, waiver)| *waived == statement && waiver.rule == rule.name)
}

/// A waiver of nothing was meant for another statement, or is not needed any
/// more.
pub(crate) fn check(graph: &Graph, report: &mut Report) {
    let notes = [
        (&idle_boundary::RULE, idle_boundary::candidates(graph)),
        (&hasty_edge::RULE, hasty_edge::candidates(graph)),
    ];
    for (statement, waiver) in &graph.waived {
        let name = &waiver.rule;
        let note = notes.iter().find(|(rule, _)| name == rule.name);
        let applies = note.is_some_and(|(_, candidates)| {
            let mut statements = candidates.iter().map(|&edge| graph.edge(edge).statement);
            statements.any(|drawn| drawn == *statement)
        });
        if !applies {
            report.push(idle(name));
        }
    }
    let unkeyed = unkeyed_replicas::candidates(graph);
    for node in graph.steps() {
        let applies = unkeyed.contains(&node) || unkeyed_replicas::overtaken(graph, node).is_some();
        for waiver in &graph.node(node).settings.waived {
            if !applies || waiver.rule != unkeyed_replicas::RULE.name {
                report.push(idle(&waiver.rule));
            }
        }
    }
}

/// Whether the statement about the node waives the note.
pub(crate) fn is_waived_of(graph: &Graph, node: NodeId, rule: &Rule) -> bool {
    let waived = &graph.node(node).settings.waived;
    waived.iter().any(|waiver| waiver.rule == rule.name)
}

/// A waiver of nothing.
pub(crate) fn idle(name: &Ident) -> Fault {
    let fault = Fault::unreadable(name, format!("nothing here breaks `{name}`"));
    fault.help("leave the waiver out")
}
