//! What is said of a source, and speaks of messages that come to it.

use super::{misplaced_attribute, reserved_name, unknown_operator};
use crate::graph::{EdgeKind, Graph, NodeId, OtherwiseKind};
use crate::report::Report;

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    for id in graph.sources() {
        failure(graph, id, report);
        let node = graph.node(id);
        if let Some(replicas) = &node.settings.written {
            let fault = misplaced_attribute::of_source(replicas, &node.name);
            report.push(fault);
        }
        if let Some(rate) = &node.settings.rate {
            let fault = misplaced_attribute::rate_of_source(&rate.written, &node.name);
            report.push(fault);
        }
        let mut edges = node.exits.iter().flat_map(|exit| &exit.edges);
        if let Some(&edge) = edges.find(|&&edge| graph.edge(edge).kind == EdgeKind::Call) {
            let edge = graph.edge(edge);
            let called = &graph.node(edge.to).name;
            report.push(unknown_operator::call_of_source(
                &edge.anchor,
                &node.name,
                called,
            ));
        }
    }
}

/// A source that panics is made anew, or stops the topology.
fn failure(graph: &Graph, id: NodeId, report: &mut Report) {
    let node = graph.node(id);
    let own = node.otherwise.as_ref();
    if let Some(otherwise) = own.filter(|otherwise| otherwise.kind != OtherwiseKind::Abort) {
        report.push(reserved_name::else_of_source(&otherwise.anchor, &node.name));
    }
}
