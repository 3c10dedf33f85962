//! Notes that a statement waives.

use super::{Rule, hasty_edge, idle_boundary};
use crate::graph::{EdgeId, Graph};
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
            let fault = Fault::unreadable(name, format!("nothing here breaks `{name}`"));
            report.push(fault.help("leave the waiver out"));
        }
    }
}
