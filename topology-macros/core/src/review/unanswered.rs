//! A message that can end without the answer that was promised.

use proc_macro2::TokenStream;
use quote::ToTokens as _;

use super::{Example, Level, Rule};
use crate::graph::{Condition, Conditions, Graph, NodeId, Value};
use crate::report::{Fault, Report};
use crate::syntax::Output;

pub(crate) static RULE: Rule = Rule {
    name: "unanswered",
    level: Level::Error,
    summary: "A message can end without the answer that the signature promises",
    explain: "`Name<In -> Out>` promises every caller an answer or a failure. Where a branch is \
              discarded, skipped or ends at a fallback that leads nowhere, there is neither. \
              Either that way leads to `out` too, or the signature says `Out?`, and callers get an \
              `Option`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            price else skip;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order?>;
            in -> price -> out [capacity = 16, timeout = 1s];
            price else skip;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, conditions: &mut Conditions, report: &mut Report) {
    if !matches!(graph.syntax.output, Output::Always(_)) {
        return;
    }
    let answered = conditions.node(NodeId::OUT).message;
    let settled = conditions.settled(NodeId::OUT);
    let unanswered = conditions.diagrams.without(settled, answered);
    if unanswered.can_hold() {
        report.push(fault(graph, conditions, unanswered));
    }
}

fn fault(graph: &Graph, conditions: &Conditions, unanswered: Condition) -> Fault {
    let output: String = graph.syntax.output.ty().to_token_stream().to_string();
    let name = &graph.syntax.name;
    let when = conditions.when(graph, unanswered);
    let case = if when == "every message" {
        let from = if graph.syntax.has_in() {
            " from `in`"
        } else {
            ""
        };
        format!("no way leads{from} to `out`")
    } else {
        format!("if {when}, nothing comes to `out`")
    };
    Fault::new(
        &RULE,
        anchor(graph, conditions, unanswered),
        "a message can end without the answer that the signature promises",
    )
    .note(case)
    .help(format!(
        "promise an answer only to some: `{name}<.. -> {output}?>`"
    ))
    .help("or let that way lead to `out`, or fail: `else fail`")
}

/// The choice that leads away from `out`.
fn anchor(graph: &Graph, conditions: &Conditions, unanswered: Condition) -> TokenStream {
    let promised = graph.syntax.output.ty().to_token_stream();
    let Some((choice, value)) = conditions.last_choice(unanswered) else {
        return promised;
    };
    if let Value::Source(source) = value {
        return graph.node(*source).mention.clone();
    }
    let Some(node) = choice.node else {
        return promised;
    };
    match value {
        Value::Skipped | Value::Failed(_) => graph
            .otherwise(node)
            .map_or(promised, |otherwise| otherwise.anchor.clone()),
        Value::Arms(edge) => graph.edge(*edge).anchor.clone(),
        Value::Discard => {
            let exit = graph.node(node).exits.first();
            exit.map_or(promised, |exit| exit.anchor.clone())
        }
        Value::Began(_) | Value::Source(_) | Value::Well => promised,
    }
}
