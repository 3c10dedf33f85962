//! A step whose failures have no destination.

use super::{Example, Level, Rule};
use crate::graph::{Graph, NodeId};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "undeclared_failure",
    level: Level::Error,
    summary: "The failures of a step have no destination",
    explain: "A message can fail at every step, even one that returns no `Result`: its edge can \
              stay full, its time can run out, it can panic. `else` says where that goes: \
              `else fail` (the caller gets the failure), `else skip` (this branch ends quietly), \
              `else step [..]` (it goes on there), `else instead step [..]` (that is the answer), \
              `else abort` (the topology stops). A bare `else fail;` is the default for all steps \
              without their own, but for fallbacks, which say it themselves.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    let mut silent = Vec::new();
    for id in graph
        .steps()
        .filter(|&id| !graph.node(id).entries.is_empty())
    {
        if graph.node(id).otherwise.is_some() {
            continue;
        }
        if graph.is_fallback(id) {
            report.push(fallback(graph, id));
        } else if graph.default.is_none() {
            silent.push(id);
        }
    }
    if let Some(&first) = silent.first() {
        report.push(fault(graph, first, &silent));
    }
}

/// One fault for all: one line mends them together.
fn fault(graph: &Graph, first: NodeId, silent: &[NodeId]) -> Fault {
    let node = graph.node(first);
    let others: Vec<_> = silent[1..]
        .iter()
        .map(|&id| format!("`{}`", graph.node(id).name))
        .collect();
    let fault = Fault::new(
        &RULE,
        &node.mention,
        format!("`{}` does not say what becomes of its failures", node.name),
    );
    let fault = if others.is_empty() {
        fault
    } else {
        let verb = if others.len() == 1 { "does" } else { "do" };
        fault.note(format!("nor {verb} {}", others.join(", ")))
    };
    fault
        .note("an edge that stays full, a timeout, a panic: every step can fail")
        .help("for all that say nothing of their own: `else fail;`")
        .help(format!("for this one: `{name} else fail;`, `{name} else skip;` or `{name} else fallback [..];`", name = node.name))
}

fn fallback(graph: &Graph, id: NodeId) -> Fault {
    let node = graph.node(id);
    Fault::new(
        &RULE,
        &node.mention,
        format!("fallback `{}` does not say what becomes of its own failures", node.name),
    )
    .note("the default is not for fallbacks: what should become of a message that failed twice deserves a word")
    .help(format!("say it: `{name} else fail;`, `{name} else skip;` or `{name} else abort;`", name = node.name))
}
