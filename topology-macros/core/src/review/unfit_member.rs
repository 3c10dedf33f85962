//! A step that a boundary cannot run. What the step's own macro knows, the
//! compiler finds.

use super::{Example, Level, Rule};
use crate::graph::{EdgeId, Graph, NodeId};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "unfit_member",
    level: Level::Error,
    summary: "A boundary has a step that it cannot run",
    explain: "The threads of a boundary run plain and `async` steps. A `blocking` step has a \
              thread of tokio's pool for each message, and its timeout gives up the wait for that: \
              leave it out of the boundary, or make it a plain `fn`, which may take as long as it \
              likes there. A topology as a step has tasks of its own: put a boundary into it. \
              A process takes one message, runs the step on it, and gives back what comes of it. \
              It runs no topology, and nothing that begins messages by itself: no source, and no \
              step with a `tick` or a `finish`, because what has begun in a process would be lost \
              with it. Nor does it run a step that takes batches, or one that takes failures, \
              because the error in a failure may be of any type.",
    rejected: Example(
        "
        #[workflow_step(timeout = 1min, blocking)]
        fn hash(order: Order) -> Order {
            order
        }
        topology! {
            Orders<Order -> Order>;
            in -> hash -> out [capacity = 16, timeout = 1min];
            boundary cpu: thread { hash }
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        #[workflow_step]
        fn hash(order: Order) -> Order {
            order
        }
        topology! {
            Orders<Order -> Order>;
            in -> hash -> out [capacity = 16, timeout = 1min];
            boundary cpu: thread { hash }
            else fail;
        }
    ",
    ),
};

/// What the topology itself says of the steps in its processes.
pub(crate) fn check(graph: &Graph, report: &mut Report) {
    for id in graph.steps() {
        if graph.process(id).is_none() {
            continue;
        }
        if graph.is_source(id) {
            report.push(source(graph, id));
        } else if let Some(edge) = batched(graph, id) {
            report.push(batch(graph, id, edge));
        } else if graph.is_fallback(id) {
            report.push(fallback(graph, id));
        }
    }
}

/// The edge that brings the step batches.
fn batched(graph: &Graph, id: NodeId) -> Option<EdgeId> {
    let entries = graph.node(id).entries.iter();
    let mut edges = entries.flat_map(|entry| &entry.edges).copied();
    edges.find(|&edge| graph.edge(edge).contract.batch.is_some())
}

fn source(graph: &Graph, id: NodeId) -> Fault {
    let name = &graph.node(id).name;
    fault(graph, id, format!("source `{name}` is in a process"))
        .note("what has begun in a process would be lost with it, and nobody would know of it")
        .help(format!(
            "leave `{name}` out of the braces: the steps behind it may stay"
        ))
}

fn batch(graph: &Graph, id: NodeId, edge: EdgeId) -> Fault {
    let name = &graph.node(id).name;
    fault(
        graph,
        id,
        format!("`{name}` takes batches, and is in a process"),
    )
    .note(format!("`{}` says `batch`", graph.show(edge)))
    .note("what crosses into a process is one message at a time")
    .help(format!(
        "leave `batch` and `linger` out, or `{name}` out of the braces"
    ))
}

fn fallback(graph: &Graph, id: NodeId) -> Fault {
    let name = &graph.node(id).name;
    let entries = graph.node(id).entries.iter();
    let mut edges = entries.flat_map(|entry| &entry.edges).copied();
    let route = edges.find(|&edge| graph.edge(edge).kind.is_failure());
    let fault = fault(
        graph,
        id,
        format!("`{name}` takes failures, and is in a process"),
    )
    .note(
        "a failure holds the error that a step returned, which may be anything, and cannot cross",
    );
    let fault = match route {
        Some(route) => fault.note(format!("`{}` leads there", graph.show(route))),
        None => fault,
    };
    fault.help(format!(
        "leave `{name}` out of the braces: a step behind it may be inside"
    ))
}

/// Where the boundary names the step, and which process it is in.
fn fault(graph: &Graph, id: NodeId, headline: String) -> Fault {
    let node = graph.node(id);
    let (boundary, mention) = match node.membership() {
        Some((boundary, mention)) => (Some(boundary), mention),
        None => (None, &node.mention),
    };
    let fault = Fault::new(&RULE, mention, headline);
    let process = graph
        .process(id)
        .filter(|&process| Some(process) != boundary);
    let inside = process.zip(boundary).map(|(process, boundary)| {
        let names = [boundary, process].map(|id| &graph.boundary(id).name);
        format!("boundary `{}` is inside process `{}`", names[0], names[1])
    });
    match inside {
        Some(inside) => fault.note(inside),
        None => fault,
    }
}
