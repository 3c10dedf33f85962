//! A step that several statements lead into.

use super::{Example, Level, Rule, unbounded_cycle};
use crate::graph::{EdgeId, Entry, EntryKind, Graph, NodeId};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "ambiguous_fan_in",
    level: Level::Error,
    summary: "Several statements lead into one step, and nothing says how they meet",
    explain: "Two edges into one step can mean that it waits for both, or that it takes whichever \
              comes. A reader cannot tell, so one statement says it for all of them: \
              `a & b -> c` (both, as a join), `a | b -> c` (whichever comes, as a merge). Several \
              `else` into one step are a merge, and so are arms of a `match`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price & review [capacity = 16, timeout = 1s];
            price -> summarise [capacity = 16, timeout = 1s];
            review -> summarise -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price & review [capacity = 16, timeout = 1s];
            price & review -> summarise -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    let closing = unbounded_cycle::closing(graph);
    for id in graph.steps().chain([NodeId::OUT]) {
        let entries = entries(graph, id, &closing);
        if let [first, second, ..] = entries.as_slice() {
            report.push(fault(graph, id, first, second, &entries));
        }
    }
}

/// The entries that need an operator between them.
fn entries<'a>(graph: &'a Graph, id: NodeId, closing: &[EdgeId]) -> Vec<&'a Entry> {
    let entries: Vec<_> = graph
        .node(id)
        .entries
        .iter()
        .filter(|entry| {
            let mut edges = entry.edges.iter();
            !edges.all(|edge| graph.edge(*edge).is_back() || closing.contains(edge))
        })
        .collect();
    let of = |kind| entries.iter().filter(|entry| entry.kind == kind).count();
    let only_failures = of(EntryKind::Failure) == entries.len();
    let one_merge =
        of(EntryKind::Arm) + of(EntryKind::Merge) == entries.len() && of(EntryKind::Merge) <= 1;
    if only_failures || one_merge {
        Vec::new()
    } else {
        entries
    }
}

fn fault(graph: &Graph, id: NodeId, first: &Entry, second: &Entry, all: &[&Entry]) -> Fault {
    let name = &graph.node(id).name;
    let anchor = graph.edge(second.edges[0]).anchor.clone();
    let fault = Fault::new(
        &RULE,
        anchor,
        format!("{} statements lead into `{name}`", all.len()),
    );
    let fault = all.iter().fold(fault, |fault, entry| {
        let edge = entry.edges[0];
        let anchor = &graph.edge(edge).anchor;
        fault.note_at(format!("`{}`", show(graph, entry)), anchor)
    });
    if first.kind == EntryKind::Failure || second.kind == EntryKind::Failure {
        return fault
            .note("a step takes either messages or failures")
            .help("give failures a step of their own, and merge behind it: `a | fallback -> b`");
    }
    let from = |entry: &Entry| {
        let nodes = entry.edges.iter().flat_map(|&edge| &graph.edge(edge).from);
        nodes
            .map(|&node| graph.node(node).name.clone())
            .collect::<Vec<_>>()
    };
    // Arms come into a merge by themselves, and into no join.
    let has_arms = all.iter().any(|entry| entry.kind == EntryKind::Arm);
    let drawn = all.iter().filter(|entry| entry.kind != EntryKind::Arm);
    let sources: Vec<_> = drawn.flat_map(|entry| from(entry)).collect();
    let fault = fault.help(format!(
        "to go on with whichever comes, merge them: `{} -> {name}`",
        sources.join(" | ")
    ));
    if has_arms {
        return fault.note("an arm of a `match` needs no `|`: it leads there beside the merge");
    }
    let join = sources.join(" & ");
    fault.help(if id == NodeId::OUT {
        format!("to wait for all of them, join them in a step: `{join} -> step -> out`")
    } else {
        format!("to wait for all of them, join them: `{join} -> {name}`")
    })
}

fn show(graph: &Graph, entry: &Entry) -> String {
    let edge = graph.edge(entry.edges[0]);
    if entry.edges.len() == 1 {
        return graph.show(entry.edges[0]);
    }
    let sources = entry.anchor.to_string();
    format!("{sources} -> {}", graph.node(edge.to).name)
}
