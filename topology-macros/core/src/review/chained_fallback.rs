//! A fallback whose own failures go to another step.

use super::{Example, Level, Rule};
use crate::graph::{Graph, OtherwiseKind};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "chained_fallback",
    level: Level::Error,
    summary: "The failures of a fallback lead to a further step",
    explain: "A message that failed at a step and then at the fallback has failed: a third step \
              would need a fallback too. A fallback's own failures end, by `fail`, `skip` or \
              `abort`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price [capacity = 16, timeout = 1s];
            price | estimate | guess -> out [capacity = 16, timeout = 1s];
            price else estimate [capacity = 16, timeout = 1s];
            estimate else guess [capacity = 16, timeout = 1s];
            guess else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price [capacity = 16, timeout = 1s];
            price | estimate -> out [capacity = 16, timeout = 1s];
            price else estimate [capacity = 16, timeout = 1s];
            estimate else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    for id in graph.steps().filter(|&id| graph.is_fallback(id)) {
        let node = graph.node(id);
        let Some(otherwise) = &node.otherwise else {
            continue;
        };
        let OtherwiseKind::Route(route) = otherwise.kind else {
            continue;
        };
        // A fallback of itself is a cycle, and reported as one.
        if graph.edge(route).to == id {
            continue;
        }
        let entry = node.entries[0].edges[0];
        report.push(
            Fault::new(
                &RULE,
                &otherwise.anchor,
                format!("fallback `{}` has a fallback of its own", node.name),
            )
            .note_at(
                format!("`{}`", graph.show(entry)),
                &graph.edge(entry).anchor,
            )
            .help(format!(
                "end it here: `{name} else fail;`, `{name} else skip;` or `{name} else abort;`",
                name = node.name
            )),
        );
    }
}
