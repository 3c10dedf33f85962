//! A place from which there is no way on, or to which there is no way.

use super::{Example, Level, Rule};
use crate::graph::{Graph, NodeId};
use crate::report::{Fault, Report};
use crate::syntax::Output;

pub(crate) static RULE: Rule = Rule {
    name: "dead_end",
    level: Level::Error,
    summary: "A step returns a value that leads nowhere, or nothing leads on from an end",
    explain: "What comes in must have a way on, and what the signature promises must have a way \
              out: a step that returns a value leads somewhere, `in` leads to a step (or a source does, where the header says `!`), and unless \
              the signature says `-> !`, something leads to `out`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> audit [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> !>;
            in -> price -> audit [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    let name = &graph.syntax.name;
    let enters = !graph.node(NodeId::IN).exits.is_empty();
    let leaves = !graph.node(NodeId::OUT).entries.is_empty();
    let promised = !matches!(graph.syntax.output, Output::Never(_));
    if !graph.syntax.has_in() {
        begins(graph, report);
    } else if !enters {
        let fault = Fault::new(&RULE, name, format!("nothing follows `in` in `{name}`"))
            .help("draw where a message goes first: `in -> step [capacity = 64, timeout = 1s];`");
        report.push(fault);
    }
    let begins = enters || graph.sources().next().is_some();
    if begins && promised && !leaves {
        let output = graph.syntax.output.ty();
        let fault = Fault::new(&RULE, output, "nothing leads to `out`")
            .note("the signature promises an answer")
            .help("draw where it comes from: `step -> out [capacity = 64, timeout = 1s];`")
            .help(format!("for a topology without answers: `{name}<.. -> !>`"));
        report.push(fault);
    }
    if !promised && leaves {
        let edge = graph.node(NodeId::OUT).entries[0].edges[0];
        let fault = Fault::new(
            &RULE,
            &graph.edge(edge).anchor,
            "a topology that promises no answer has no `out`",
        )
        .note("the signature says `-> !`")
        .help(format!(
            "promise an answer: `{name}<.. -> Answer>`, or `Answer?` where some messages have none"
        ));
        report.push(fault);
    }
    ends(graph, report);
}

/// Something begins messages.
fn begins(graph: &Graph, report: &mut Report) {
    if graph.sources().next().is_none() {
        let name = &graph.syntax.name;
        let fault = Fault::new(&RULE, name, format!("nothing begins messages in `{name}`"))
            .note("the header says `!` for what comes in, and no source is drawn")
            .help("begin at a source: `source -> step [capacity = 64, timeout = 1s];`")
            .help(format!("or say what comes in: `{name}<In -> ..>`"));
        report.push(fault);
    }
}

/// A step lies between `in` and `out`.
fn ends(graph: &Graph, report: &mut Report) {
    for edge in &graph.edges {
        if edge.from.contains(&NodeId::IN) && edge.to == NodeId::OUT {
            let fault = Fault::new(&RULE, &edge.anchor, "no step lies between `in` and `out`");
            report.push(fault.help("draw one: `in -> step -> out [..];`"));
        }
    }
}
