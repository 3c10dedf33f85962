//! A join whose parts do not come together.

use super::{Level, Rule};
use crate::graph::{Condition, Conditions, EdgeId, Graph, NodeId};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "never_joins",
    level: Level::Error,
    explain: "A join runs once all parts of a message have come. If one part comes only where \
              another does not, because a `match` chose one of them, the join waits for ever and \
              the message with it. Parts of a join come under the same condition; a part that can \
              be skipped (by `else skip` or `discard`) counts as coming, and is an `Option`.",
};

pub(crate) fn check(graph: &Graph, conditions: &mut Conditions, report: &mut Report) {
    for node in graph.in_order() {
        let Some(parts) = graph.parts(node) else {
            continue;
        };
        let arrivals: Vec<_> = parts.iter().map(|&part| conditions.arrival(part)).collect();
        if arrivals.iter().any(|arrival| *arrival != arrivals[0]) {
            report.push(fault(graph, conditions, node, parts, &arrivals));
            // What comes behind a join that waits for ever says nothing new.
            return;
        }
    }
}

fn fault(
    graph: &Graph,
    conditions: &mut Conditions,
    node: NodeId,
    parts: &[EdgeId],
    arrivals: &[Condition],
) -> Fault {
    let names: Vec<_> = parts.iter().map(|&part| source(graph, part)).collect();
    let join = format!("{} -> {}", names.join(" & "), graph.node(node).name);
    let together = conditions.diagrams.all(arrivals.iter().copied());
    let verdict = if together.can_hold() {
        "may wait for ever"
    } else {
        "never completes"
    };
    let anchor = &graph.edge(parts[0]).anchor;
    let mut fault = Fault::new(&RULE, anchor, format!("join `{join}` {verdict}"));
    fault = reasons(graph, conditions, fault, &names, arrivals);
    if conditions.exclude_each_other(arrivals) {
        let merge = format!("{} -> {}", names.join(" | "), graph.node(node).name);
        return fault.help(format!(
            "to go on with whichever comes, merge them: `{merge}`"
        ));
    }
    fault.help(
        "let the choice end the part quietly, with `discard` or `else skip`, and take it as an `Option`",
    )
}

/// When each part comes, where that can be said; else one case in which one
/// comes and another does not.
fn reasons(
    graph: &Graph,
    conditions: &mut Conditions,
    mut fault: Fault,
    names: &[String],
    arrivals: &[Condition],
) -> Fault {
    let only_if: Vec<_> = arrivals
        .iter()
        .map(|&arrival| conditions.only_if(graph, arrival))
        .collect();
    let only_if: Option<Vec<_>> = only_if.into_iter().collect();
    if let Some(only_if) = only_if.filter(|_| conditions.begin_alike(arrivals)) {
        for (name, demands) in names.iter().zip(only_if) {
            fault = fault.note(if demands.is_empty() {
                format!("`{name}` always gets the message")
            } else {
                only_if_words(name, &demands.join(" and "))
            });
        }
        return fault;
    }
    for (one, here) in arrivals.iter().enumerate() {
        for (other, there) in arrivals.iter().enumerate() {
            let alone = conditions.diagrams.without(*here, *there);
            if alone.can_hold() {
                let when = conditions.when(graph, alone);
                return fault.note(format!(
                    "if {when}, `{}` comes and `{}` does not",
                    names[one], names[other]
                ));
            }
        }
    }
    fault
}

/// A step that chooses by itself has the message, and hands it on or not.
fn only_if_words(name: &str, demands: &str) -> String {
    let own = format!("`{name}` ");
    if demands.starts_with(&own) {
        return format!(
            "`{name}` hands the message on only if {}",
            demands.replacen(&own, "it ", 1)
        );
    }
    format!("`{name}` gets the message only if {demands}")
}

fn source(graph: &Graph, part: EdgeId) -> String {
    graph.node(graph.edge(part).from[0]).name.clone()
}

impl Conditions {
    /// Whether no two of them hold together.
    pub(crate) fn exclude_each_other(&mut self, all: &[Condition]) -> bool {
        let mut any = Condition::NEVER;
        for &next in all {
            if self.diagrams.and(any, next).can_hold() {
                return false;
            }
            any = self.diagrams.or(any, next);
        }
        true
    }
}
