//! An `all` that closes nothing.

use super::{Example, Level, Rule};
use crate::graph::{EdgeId, Graph, Misfit, Nests};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "unopened_all",
    level: Level::Error,
    summary: "An `all` has no `each` to close",
    explain: "`all` collects the results of one scope, the innermost that an `each` has opened on \
              the way there, and closes it. Without an open scope there is nothing to collect, \
              and a scope is closed once.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> all collect -> out [capacity = 16, timeout = 1s];
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
    for misfit in &nests.misfits {
        match *misfit {
            Misfit::Unopened(edge) => report.push(unopened(graph, nests, edge)),
            Misfit::SecondAll { first, second } => report.push(again(graph, first, second)),
            _ => continue,
        }
        // What comes behind it says nothing new.
        return;
    }
}

fn unopened(graph: &Graph, nests: &Nests, id: EdgeId) -> Fault {
    let edge = graph.edge(id);
    let name = &graph.node(edge.to).name;
    let source = &graph.node(edge.from[0]).name;
    let fault = Fault::new(
        &RULE,
        &edge.anchor,
        format!("`all {name}` has no `each` to close"),
    );
    if nests.node(edge.from[0]).is_empty() {
        return fault
            .note(format!("`{source}` takes whole messages, not items of one"))
            .help(format!(
                "open a scope on the way: `.. -> each {source} [.., limit = 100, within = 10s]`"
            ))
            .help(format!(
                "or lead the message on as it is: `{source} -> {name}`"
            ));
    }
    fault
        .note(format!("`{source}` is in an arm of a race, which is open"))
        .help("end the race before the scope closes, or open the scope in the arm")
}

fn again(graph: &Graph, first: EdgeId, second: EdgeId) -> Fault {
    let name = |edge: EdgeId| graph.node(graph.edge(edge).to).name.clone();
    let (one, other) = (name(first), name(second));
    Fault::new(
        &RULE,
        &graph.edge(second).anchor,
        format!("`all {other}` closes a scope that is closed by `all {one}`"),
    )
    .note_at("closed here", &graph.edge(first).anchor)
    .help(format!(
        "collect once, and fork behind it: `.. -> all {one} -> .. & {other}`"
    ))
}
