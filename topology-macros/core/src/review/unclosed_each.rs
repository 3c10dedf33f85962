//! Items that go where whole messages belong.

use super::{Example, Level, Rule};
use crate::graph::{EdgeId, EntryKind, Graph, Level as Inside, Misfit, Nests, NodeId};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "unclosed_each",
    level: Level::Error,
    summary: "Items go where whole messages belong",
    explain: "Behind an `each` there are as many messages as items, until an `all` makes one of \
              them again, or each has come to a sink. Items that came to `out` would answer many \
              times, and a step that takes items as well as whole messages could not tell which \
              it has.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> split [capacity = 16, timeout = 1s];
            split -> each price [capacity = 16, timeout = 1s, limit = 100, within = 10s];
            price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> split [capacity = 16, timeout = 1s];
            split -> each price [capacity = 16, timeout = 1s, limit = 100, within = 10s];
            price -> all collect -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, nests: &Nests, report: &mut Report) {
    if let Some(fault) = at_out(graph, nests) {
        report.push(fault);
        return;
    }
    for misfit in &nests.misfits {
        let fault = match *misfit {
            Misfit::Differ { first, second } if concerns(graph, nests, first, second) => {
                between(graph, nests, first, second)
            }
            Misfit::Shared(edge) => shared(graph, edge),
            _ => continue,
        };
        report.push(fault);
        return;
    }
}

/// Whether the two edges differ in a scope, and lead into one step by a merge.
fn concerns(graph: &Graph, nests: &Nests, first: EdgeId, second: EdgeId) -> bool {
    let node = graph.node(graph.edge(second).to);
    let joins = node
        .entries
        .iter()
        .any(|entry| entry.kind == EntryKind::Join);
    !joins && odd(nests, first, second).is_some()
}

/// The scope that only one of the two edges is in, and which of them.
fn odd(nests: &Nests, first: EdgeId, second: EdgeId) -> Option<(NodeId, EdgeId)> {
    let (one, other) = (nests.behind(first), nests.behind(second));
    let only = |here: &[Inside], there: &[Inside]| {
        let mut scopes = here.iter().filter(|level| !there.contains(level));
        scopes.find_map(|level| match level {
            Inside::Items(opener) => Some(*opener),
            Inside::Arm { .. } => None,
        })
    };
    only(one, other)
        .map(|opener| (opener, first))
        .or_else(|| only(other, one).map(|opener| (opener, second)))
}

fn at_out(graph: &Graph, nests: &Nests) -> Option<Fault> {
    let entries = graph.node(NodeId::OUT).entries.iter();
    let mut edges = entries.flat_map(|entry| &entry.edges);
    let (edge, opener) = edges.find_map(|&edge| match nests.behind(edge).last() {
        Some(Inside::Items(opener)) => Some((edge, *opener)),
        _ => None,
    })?;
    let source = &graph.node(graph.edge(edge).from[0]).name;
    Some(
        Fault::new(
            &RULE,
            &graph.edge(edge).anchor,
            "one message would be answered once for each of its items",
        )
        .note_at(
            format!("`each {}` is open", graph.node(opener).name),
            opening(graph, opener),
        )
        .help(format!("answer with all of them: `{source} -> all out`"))
        .help(format!(
            "or collect them in a step: `{source} -> all step -> out`"
        )),
    )
}

fn between(graph: &Graph, nests: &Nests, first: EdgeId, second: EdgeId) -> Fault {
    let (opener, inside) = odd(nests, first, second).expect("looked at before");
    let outside = if inside == first { second } else { first };
    let name = &graph.node(graph.edge(second).to).name;
    let source = |edge: EdgeId| graph.node(graph.edge(edge).from[0]).name.clone();
    Fault::new(
        &RULE,
        &graph.edge(second).anchor,
        format!("`{name}` takes items of a message as well as whole ones"),
    )
    .note(format!("`{}` brings whole messages", source(outside)))
    .note_at(
        format!(
            "`{}` brings items: `each {}` is open",
            source(inside),
            graph.node(opener).name
        ),
        opening(graph, opener),
    )
    .help(format!(
        "collect the items first: `{} -> all step -> {name}`",
        source(inside)
    ))
}

fn shared(graph: &Graph, id: EdgeId) -> Fault {
    let edge = graph.edge(id);
    let name = &graph.node(edge.to).name;
    let names: Vec<_> = edge
        .from
        .iter()
        .map(|&from| format!("`{}`", graph.node(from).name))
        .collect();
    Fault::new(
        &RULE,
        &edge.anchor,
        format!("`{name}` takes failures of items as well as of whole messages"),
    )
    .note(format!("the failures of {} come to it", names.join(", ")))
    .help("give the steps inside the scope or race a fallback of their own")
}

fn opening<'a>(graph: &'a Graph, opener: NodeId) -> &'a proc_macro2::TokenStream {
    let entries = graph.node(opener).entries.iter();
    let mut edges = entries.flat_map(|entry| &entry.edges);
    let edge = edges.next().expect("a scope is opened by an edge");
    &graph.edge(*edge).anchor
}
