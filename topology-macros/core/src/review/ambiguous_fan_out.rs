//! A step that several statements lead out of.

use super::{Example, Level, Rule, unbounded_cycle};
use crate::graph::{Exit, ExitKind, Graph, NodeId};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "ambiguous_fan_out",
    level: Level::Error,
    summary: "Several statements lead out of one step, and nothing says which is taken",
    explain: "Two edges out of one step can mean that both get the message, or one of them. A \
              reader cannot tell, so one statement says it: `a -> b & c` (each gets a clone, as a \
              fork) or `a -> match { .. }` (one of them, by what the message is).",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse [capacity = 16, timeout = 1s];
            parse -> price -> out [capacity = 16, timeout = 1s];
            parse -> audit [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price & audit [capacity = 16, timeout = 1s];
            price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    let closing = unbounded_cycle::closing(graph);
    for id in std::iter::once(NodeId::IN).chain(graph.steps()) {
        let exits: Vec<_> = graph
            .node(id)
            .exits
            .iter()
            .filter(|exit| {
                exit.edges.is_empty() || !exit.edges.iter().all(|edge| closing.contains(edge))
            })
            .collect();
        if exits.len() > 1 {
            report.push(several(graph, id, &exits));
        }
        for exit in exits {
            if matches!(exit.kind, ExitKind::Either) {
                report.push(either(graph, id, exit));
            }
        }
    }
}

fn several(graph: &Graph, id: NodeId, exits: &[&Exit]) -> Fault {
    let name = &graph.node(id).name;
    let fault = Fault::new(
        &RULE,
        &exits[1].anchor,
        format!("{} statements lead out of `{name}`", exits.len()),
    );
    let fault = exits.iter().fold(fault, |fault, exit| {
        let way = format!("`{name} -> {}`", targets(graph, exit, " & "));
        fault.note_at(way, &exit.anchor)
    });
    let is_match = |exit: &&&Exit| matches!(exit.kind, ExitKind::Match(_));
    match exits.iter().filter(is_match).count() {
        0 => {}
        1 => {
            return fault.help(format!(
                "fork in one statement, to a step that is matched in the next: \
                 `{name} -> a & b [..]; a -> match {{ .. }};`"
            ));
        }
        _ => return fault.help("put all arms into one `match`"),
    }
    let all: Vec<_> = exits
        .iter()
        .map(|exit| targets(graph, exit, " & "))
        .collect();
    let fault = fault.help(format!(
        "for a clone to each, fork in one statement: `{name} -> {}`",
        all.join(" & ")
    ));
    if id == NodeId::IN {
        fault
    } else {
        fault.help(choose(graph, name, exits[0]))
    }
}

/// How one of several is chosen.
fn choose(graph: &Graph, name: &str, exit: &Exit) -> String {
    format!(
        "for one of them, choose: `{name} -> match {{ pattern => {}(..) [..], .. }}`",
        first(graph, exit)
    )
}

fn either(graph: &Graph, id: NodeId, exit: &Exit) -> Fault {
    let name = &graph.node(id).name;
    Fault::new(
        &RULE,
        &exit.anchor,
        format!(
            "`{name} -> {}` leaves open who gets the message",
            targets(graph, exit, " | ")
        ),
    )
    .help(format!(
        "for a clone to each: `{name} -> {}`",
        targets(graph, exit, " & ")
    ))
    .help(choose(graph, name, exit))
}

fn targets(graph: &Graph, exit: &Exit, between: &str) -> String {
    if let ExitKind::Match(_) = exit.kind {
        return "match { .. }".to_owned();
    }
    let names: Vec<_> = exit
        .edges
        .iter()
        .map(|&edge| graph.node(graph.edge(edge).to).name.clone())
        .collect();
    names.join(between)
}

fn first(graph: &Graph, exit: &Exit) -> String {
    graph.node(graph.edge(exit.edges[0]).to).name.clone()
}
