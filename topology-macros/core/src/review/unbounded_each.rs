//! An `each` that says too little about its items.

use super::{Example, Level, Rule};
use crate::graph::{Border, Edge, Graph};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "unbounded_each",
    level: Level::Error,
    summary: "An `each` does not say how many items there may be, or how long they take",
    explain: "One message becomes as many as the step before an `each` returns, so neither the \
              memory nor the time of what follows is bounded by itself. `limit = N` is the most \
              items that one message may become: more is a failure of the step that returned \
              them. `within = D` is the longest from the first item to the `all`, or to the last \
              sink.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> split [capacity = 16, timeout = 1s];
            split -> each price [capacity = 16, timeout = 1s];
            price -> all collect -> out [capacity = 16, timeout = 1s];
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

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    for edge in &graph.edges {
        if edge.border == Border::Each && !edge.contract.misread {
            report_missing(graph, edge, report);
        }
    }
}

fn report_missing(graph: &Graph, edge: &Edge, report: &mut Report) {
    let (limit, within) = (&edge.contract.limit, &edge.contract.within);
    let (what, why, remedy) = match (limit, within) {
        (Some(_), Some(_)) => return,
        (None, None) => (
            "neither limit nor time",
            "one message may become any number of items, and take any time with them",
            "limit = 100, within = 10s",
        ),
        (None, Some(_)) => (
            "no limit",
            "one message may become any number of items, and the results wait for the last",
            "limit = 100",
        ),
        (Some(_), None) => (
            "no time",
            "what waits for the last item waits as long as that takes",
            "within = 10s",
        ),
    };
    let name = &graph.node(edge.to).name;
    let anchor = edge.contract.bracket.as_ref().unwrap_or(&edge.anchor);
    let fault = Fault::new(&RULE, anchor, format!("`each {name}` declares {what}"))
        .note(why)
        .help(format!("declare it behind the arrow: `[.., {remedy}]`"));
    report.push(fault);
}
