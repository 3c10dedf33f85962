//! A step that no message comes to.

use quote::ToTokens as _;

use super::{Example, Level, Rule};
use crate::graph::{Graph, NodeId};
use crate::report::{Fault, Report, nearest};

pub(crate) static RULE: Rule = Rule {
    name: "unreachable_step",
    level: Level::Error,
    summary: "Nothing leads to a step",
    explain: "A step that nothing leads to is there for nothing: most often a name was mistyped, \
              or an edge was forgotten.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            review -> audit [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out & review [capacity = 16, timeout = 1s];
            review -> audit [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    if graph
        .beginnings()
        .iter()
        .all(|&id| graph.node(id).exits.is_empty())
    {
        // Then nothing is reachable, and that is one mistake.
        return;
    }
    let reachable = graph.reachable();
    for id in graph.steps().filter(|id| !reachable[id.0]) {
        // What lies behind an unreachable step is no mistake of its own.
        if graph.node(id).entries.is_empty() {
            report.push(fault(graph, id, &reachable));
        }
    }
}

fn fault(graph: &Graph, id: NodeId, reachable: &[bool]) -> Fault {
    let node = graph.node(id);
    // A mistyped name has the statements that the right one lacks.
    let fits = |other: &NodeId| node.exits.is_empty() || graph.node(*other).exits.is_empty();
    let others = graph
        .steps()
        .filter(|other| reachable[other.0])
        .filter(fits);
    let near = nearest(&node.name, others.map(|other| &*graph.node(other).name));
    let fault = Fault::new(
        &RULE,
        &node.mention,
        format!("nothing leads to `{}`", node.name),
    );
    if let Some(near) = near {
        return fault.help(format!("did you mean `{near}`?"));
    }
    let beginning = graph.beginnings().first().map(|&id| &*graph.node(id).name);
    let beginning = beginning.unwrap_or("in");
    let fault = fault.help(format!(
        "draw how messages come to it: `{beginning} -> {} [..];`",
        node.name
    ));
    // It may be meant as a source.
    let output = graph.syntax.output.ty().to_token_stream();
    let source = (!node.exits.is_empty()).then(|| {
        let name = &graph.syntax.name;
        format!("for a source, say that nothing comes in: `{name}<! -> {output}>`")
    });
    fault.help_if(source)
}
