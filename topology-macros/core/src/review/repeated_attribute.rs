//! Something that is said twice of the same thing.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "repeated_attribute",
    level: Level::Error,
    summary: "One thing is said twice",
    explain: "Where two values are given for one thing, a reader takes the one and the machine \
              might take the other. Each attribute of a bracket, each `else` of a step and each \
              setting of a node is said once.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s, capacity = 64];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 64, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn fault(second: &Ident, first: &Ident) -> Fault {
    Fault::new(&RULE, second, format!("`{second}` is set twice"))
        .note_at("first set", first)
        .help("keep one of them")
}

pub(crate) fn second_default(keyword: impl ToTokens, first: &TokenStream) -> Fault {
    Fault::new(&RULE, keyword, "the default for failures is given twice")
        .note_at("first given", first)
        .help("name the steps that this one is for: `a, b else ..;`")
}

pub(crate) fn second_else(mention: impl ToTokens, name: &str, first: &TokenStream) -> Fault {
    Fault::new(&RULE, mention, format!("`{name}` has two `else`"))
        .note_at(format!("the first is `else {}`,", words(first)), first)
        .help("a failure has one destination: keep one of them")
}

pub(crate) fn second_setting(mention: impl ToTokens, name: &str) -> Fault {
    Fault::new(
        &RULE,
        mention,
        format!("`{name}` has two statements of settings"),
    )
    .help("put all settings into one bracket")
}

fn words(tokens: &TokenStream) -> String {
    tokens.to_string().replace(" :: ", "::")
}

/// Edges into one step that declare different batches.
pub(crate) fn other_batch(
    graph: &crate::graph::Graph,
    node: crate::graph::NodeId,
    first: crate::graph::EdgeId,
    second: crate::graph::EdgeId,
) -> Fault {
    let name = &graph.node(node).name;
    let anchor = |edge: crate::graph::EdgeId| &graph.edge(edge).anchor;
    Fault::new(
        &RULE,
        anchor(second),
        format!("the edges into `{name}` do not declare the same batches"),
    )
    .note_at(format!("`{}`", graph.show(first)), anchor(first))
    .note("a step takes its messages in one way, wherever they come from")
    .help("say the same `batch` and `linger` on each of them, or merge them in one statement")
}
