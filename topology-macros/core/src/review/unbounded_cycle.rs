//! A way back without a bound on how often it is taken.

use super::{Example, Level, Rule};
use crate::graph::{EdgeId, Graph};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "unbounded_cycle",
    level: Level::Error,
    summary: "A message could go round a cycle for ever",
    explain: "A message could go round a cycle for ever, and two bounded queues in a cycle can \
              each wait for room in the other until the process is restarted. Failure routes \
              count: a step whose failures lead back to what feeds it is a cycle. `rounds = N` on \
              the edge that leads back makes it a loop: a message may take that edge N times.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> screen [capacity = 16, timeout = 1s];
            screen -> match {
                Verdict::Clear(order) => out(order) [capacity = 16, timeout = 1s],
                Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
            };
            review -> screen [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> screen [capacity = 16, timeout = 1s];
            screen -> match {
                Verdict::Clear(order) => out(order) [capacity = 16, timeout = 1s],
                Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
            };
            review -> screen [capacity = 1, timeout = 1s, rounds = 3];
            else fail;
        }
    ",
    ),
};

/// The edges that close a cycle, for rules that would otherwise report the same
/// mistake in other words.
pub(crate) fn closing(graph: &Graph) -> Vec<EdgeId> {
    let cycles = graph.cycles();
    cycles
        .iter()
        .filter_map(|cycle| cycle.last().copied())
        .collect()
}

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    for cycle in graph.cycles() {
        report.push(fault(graph, &cycle));
    }
}

fn fault(graph: &Graph, cycle: &[EdgeId]) -> Fault {
    let closing = graph.edge(*cycle.last().expect("a cycle has an edge"));
    let mut names: Vec<_> = cycle
        .iter()
        .map(|&edge| graph.node(graph.edge(edge).to).name.clone())
        .collect();
    names.insert(0, names[names.len() - 1].clone());
    let mut fault = Fault::new(
        &RULE,
        &closing.anchor,
        format!(
            "nothing bounds how often a message goes round `{}`",
            names.join(" -> ")
        ),
    );
    for &edge in cycle {
        let anchor = &graph.edge(edge).anchor;
        fault = fault.note_at(format!("`{}`", graph.show(edge)), anchor);
    }
    let again = &graph.node(closing.to).name;
    let back = graph.show(*cycle.last().expect("a cycle has an edge"));
    let fault = fault.help(format!(
        "bound it, where it leads back: `{back} [.., rounds = 3]`"
    ));
    if closing.kind.is_failure() {
        return fault.help(format!(
            "or, to try a step again, give it a retry: `#[workflow_step(retry(attempts = 3), ..)]` on `{again}`"
        ));
    }
    fault.help("or lead on to another step, or to `out`")
}
