//! An edge that is drawn twice.

use proc_macro2::TokenStream;

use super::{Example, Level, Rule};
use crate::graph::{Contract, EdgeId, Graph};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "repeated_edge",
    level: Level::Error,
    summary: "An edge is drawn twice",
    explain: "Two edges between the same two steps would bring the same message twice. Draw the \
              edge once; arms of one `match` that lead to the same step share one edge, and one of \
              them declares its contract.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price -> out [capacity = 16, timeout = 1s];
            parse -> price [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn fault(graph: &Graph, first: EdgeId, anchor: TokenStream) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        format!("edge `{}` is drawn twice", graph.show(first)),
    )
    .note_at("first drawn", &graph.edge(first).anchor)
    .help("draw it once")
}

pub(crate) fn contract(graph: &Graph, edge: EdgeId, second: &Contract) -> Fault {
    let bracket = second.bracket.clone().unwrap_or_default();
    let first = graph
        .edge(edge)
        .contract
        .bracket
        .clone()
        .unwrap_or_default();
    Fault::new(
        &RULE,
        bracket,
        format!("edge `{}` declares its contract twice", graph.show(edge)),
    )
    .note_at("first declared", &first)
    .note("arms that lead to the same step share one edge")
    .help("leave this bracket out")
}
