//! A place from which there is no way on, or to which there is no way.

use super::{Level, Rule};
use crate::graph::{Graph, NodeId};
use crate::report::{Fault, Report};
use crate::syntax::Output;

pub(crate) static RULE: Rule = Rule {
    name: "dead_end",
    level: Level::Error,
    explain: "What comes in must have a way on, and what the signature promises must have a way \
              out: a step that returns a value leads somewhere, `in` leads to a step, and unless \
              the signature says `-> !`, something leads to `out`.",
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    let name = &graph.syntax.name;
    let enters = !graph.node(NodeId::IN).exits.is_empty();
    let leaves = !graph.node(NodeId::OUT).entries.is_empty();
    let promised = !matches!(graph.syntax.output, Output::Never(_));
    if !enters {
        let fault = Fault::new(&RULE, name, format!("nothing follows `in` in `{name}`"))
            .help("draw where a message goes first: `in -> step [capacity = 64, timeout = 1s];`");
        report.push(fault);
    } else if promised && !leaves {
        let output = graph.syntax.output.ty();
        let fault = Fault::new(&RULE, output, "nothing leads to `out`")
            .note("the signature promises an answer")
            .help("draw where it comes from: `step -> out [capacity = 64, timeout = 1s];`")
            .help(format!("for a topology without answers: `{name}<.. -> !>`"));
        report.push(fault);
    }
    if !promised && leaves {
        let edge = graph.node(NodeId::OUT).entries[0].edges[0];
        let fault = Fault::new(&RULE, &graph.edge(edge).anchor, "`out` leads nowhere")
            .note("the signature says `-> !`: a topology without answers has no `out`")
            .help(format!("promise an answer: `{name}<.. -> Answer>`, or `Answer?` where some messages have none"));
        report.push(fault);
    }
    ends(graph, report);
}

/// `in` begins and `out` ends a topology, and a step lies between.
fn ends(graph: &Graph, report: &mut Report) {
    for edge in &graph.edges {
        let fault = if edge.to == NodeId::IN {
            Fault::new(&RULE, &edge.anchor, "nothing leads to `in`")
                .note("`in` is where messages come from outside")
        } else if edge.from.contains(&NodeId::OUT) {
            Fault::new(&RULE, &edge.anchor, "nothing follows `out`")
                .note("`out` is where the message is answered")
                .help("to go on after the answer, fork before it: `step -> out & after [..]`")
        } else if edge.from.contains(&NodeId::IN) && edge.to == NodeId::OUT {
            Fault::new(&RULE, &edge.anchor, "no step lies between `in` and `out`")
        } else {
            continue;
        };
        report.push(fault);
    }
}
