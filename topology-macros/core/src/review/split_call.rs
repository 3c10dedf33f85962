//! A call between steps that run in different places.

use super::{Example, Level, Rule};
use crate::graph::{EdgeId, EdgeKind, Graph, Isolation, NodeId};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "split_call",
    level: Level::Error,
    summary: "A call by `>>` crosses a boundary",
    explain: "`a >> b` runs `b` in the task of `a`, right after it, with no queue between. A task \
              runs in one place, so both are in the same boundary, or in none; what is called from \
              a process is in the same braces. An edge crosses a boundary: `a -> b`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse >> price -> out [capacity = 16, timeout = 1s];
            boundary cpu: thread { price }
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price -> out [capacity = 16, timeout = 1s];
            boundary cpu: thread { price }
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    for id in (0..graph.edges.len()).map(EdgeId) {
        let edge = graph.edge(id);
        let (from, to) = (edge.from[0], edge.to);
        let is_split = graph.node(from).boundary() != graph.node(to).boundary();
        if edge.kind == EdgeKind::Call && is_split {
            report.push(fault(graph, id, from, to));
        }
    }
}

fn fault(graph: &Graph, id: EdgeId, from: NodeId, to: NodeId) -> Fault {
    let place = |node: NodeId| {
        let name = &graph.node(node).name;
        match graph.node(node).boundary() {
            Some(boundary) => {
                let boundary = graph.boundary(boundary);
                let kind = match boundary.isolation {
                    Isolation::Thread => "boundary",
                    Isolation::Process => "process",
                };
                format!("`{name}` is in {kind} `{}`", boundary.name)
            }
            None => format!("`{name}` is in none"),
        }
    };
    // Whoever is in a boundary is spoken of first.
    let (first, second) = match graph.node(from).boundary() {
        Some(_) => (from, to),
        None => (to, from),
    };
    let (a, b) = (&graph.node(from).name, &graph.node(to).name);
    Fault::new(
        &RULE,
        &graph.edge(id).anchor,
        format!("call `{a} >> {b}` crosses a boundary"),
    )
    .note(format!("{}, and {}", place(first), place(second)))
    .note(format!("`{a} >> {b}` runs `{b}` in the task of `{a}`"))
    .help(format!("to cross it, use an edge: `{a} -> {b} [..]`"))
    .help("or name both in the same braces")
}
