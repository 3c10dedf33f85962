//! A join whose parts do not come together.

use super::{Example, Level, Rule};
use crate::graph::{
    Border, Condition, Conditions, EdgeId, EntryKind, Graph, Level as Inside, Misfit, Nests, NodeId,
};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "never_joins",
    level: Level::Error,
    summary: "A join waits for parts that do not come together",
    explain: "A join runs once all parts of a message have come. If one part comes only where \
              another does not, because a `match` chose one of them, the join waits for ever and \
              the message with it. Parts of a join come under the same condition; a part that can \
              be skipped (by `else skip` or `discard`) counts as coming, and is an `Option`. The \
              arms of a race begin together, `a -> b ^ c`, and end together, `b ^ c -> d`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> screen [capacity = 16, timeout = 1s];
            screen -> match {
                Verdict::Clear(order) => price(order) [capacity = 16, timeout = 1s],
                Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
            };
            price & review -> summarise -> out [capacity = 16, timeout = 1s];
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
                Verdict::Clear(order) => price(order) [capacity = 16, timeout = 1s],
                Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
            };
            price | review -> stamp -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

/// Parts that are in different scopes, and races that do not fit together.
pub(crate) fn check_nests(graph: &Graph, nests: &Nests, report: &mut Report) {
    for misfit in &nests.misfits {
        match *misfit {
            Misfit::Differ { first, second } if is_part(graph, second) => {
                report.push(apart(graph, nests, first, second));
                return;
            }
            Misfit::Race(edge) => {
                report.push(race(graph, nests, edge));
                return;
            }
            _ => {}
        }
    }
}

fn is_part(graph: &Graph, edge: EdgeId) -> bool {
    let entries = &graph.node(graph.edge(edge).to).entries;
    let mut joins = entries.iter().filter(|entry| entry.kind == EntryKind::Join);
    joins.any(|entry| entry.edges.contains(&edge))
}

/// Parts of one join in different nests.
fn apart(graph: &Graph, nests: &Nests, first: EdgeId, second: EdgeId) -> Fault {
    let (one, other) = (source(graph, first), source(graph, second));
    let name = &graph.node(graph.edge(second).to).name;
    let comes = |edge: EdgeId| match nests.behind(edge).last() {
        None => "once for each message".to_owned(),
        Some(Inside::Items(opener)) => {
            format!("once for each item of `each {}`", graph.node(*opener).name)
        }
        Some(Inside::Arm { arm, .. }) => {
            format!("if the arm of `{}` is not cancelled", graph.node(*arm).name)
        }
    };
    Fault::new(
        &RULE,
        &graph.edge(second).anchor,
        format!("join `{one} & {other} -> {name}` never completes"),
    )
    .note(format!("`{one}` comes {}", comes(first)))
    .note(format!("`{other}` comes {}", comes(second)))
    .help("join within one scope, or behind what closes it: an `all`, or the end of the race")
}

/// Arms that meet and do not begin together.
fn race(graph: &Graph, nests: &Nests, edge: EdgeId) -> Fault {
    let to = graph.edge(edge).to;
    let entries = graph.node(to).entries.iter();
    let arms: Vec<_> = entries
        .filter(|entry| entry.edges.contains(&edge))
        .flat_map(|entry| &entry.edges)
        .map(|&arm| source(graph, arm))
        .collect();
    let name = &graph.node(to).name;
    let finish = format!("{} -> {name}", arms.join(" ^ "));
    let fault = Fault::new(
        &RULE,
        &graph.edge(edge).anchor,
        format!("race `{finish}` is not between all arms of one start"),
    );
    let started = nests.node(graph.edge(edge).from[0]).last();
    match started {
        Some(Inside::Arm { race, .. }) => {
            let began: Vec<_> = graph
                .edges
                .iter()
                .filter(|edge| edge.border == Border::Start)
                .filter(|edge| {
                    matches!(nests.node(edge.to).last(), Some(Inside::Arm { race: other, .. }) if other == race)
                })
                .map(|edge| (graph.node(edge.to).name.clone(), edge.anchor.clone()))
                .collect();
            let mut names: Vec<_> = began.iter().map(|(name, _)| name.clone()).collect();
            names.dedup();
            let fault = match began.first() {
                Some((_, anchor)) => {
                    fault.note_at(format!("the arms begin at `{}`", names.join(" ^ ")), anchor)
                }
                None => fault,
            };
            fault.help("end each arm of it in one place, once: every arm that began, and no other")
        }
        _ => fault
            .note(format!("`{}` is in no arm of a race", arms[0]))
            .help(format!(
                "let the arms begin together: `step -> {} -> {name}`",
                arms.join(" ^ ")
            )),
    }
}

/// Races whose arms never meet.
pub(crate) fn check_races(graph: &Graph, nests: &Nests, report: &mut Report) {
    for node in graph.steps() {
        let Some(Inside::Arm { race, arm }) = nests.node(node).last().copied() else {
            continue;
        };
        if race != node || arm != node || !nests.closed_by(race).is_empty() {
            continue;
        }
        let starts = graph.edges.iter().filter(|edge| {
            edge.border == Border::Start
                && matches!(nests.node(edge.to).last(), Some(Inside::Arm { race: other, .. }) if *other == race)
        });
        let mut names = Vec::new();
        let mut anchor = None;
        for start in starts {
            let name = &graph.node(start.to).name;
            if !names.contains(name) {
                names.push(name.clone());
            }
            anchor.get_or_insert(&start.anchor);
        }
        let Some(anchor) = anchor else { continue };
        let arms = names.join(" ^ ");
        let fault = Fault::new(
            &RULE,
            anchor,
            format!("nothing takes what wins the race `{arms}`"),
        )
        .note("each arm would run, and none is waited for")
        .help(format!(
            "end it where the first is enough: `{arms} -> step`"
        ))
        .help(format!("for all of them, fork: `{}`", names.join(" & ")));
        report.push(fault);
        return;
    }
}

pub(crate) fn check(graph: &Graph, conditions: &mut Conditions, report: &mut Report) {
    for node in graph.in_order() {
        let Some(parts) = graph.parts(node) else {
            continue;
        };
        let arrivals: Vec<_> = parts
            .iter()
            .map(|&part| conditions.arrival(graph, part))
            .collect();
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
    if demands == format!("the message comes from `{name}`") {
        return format!("`{name}` begins messages of its own");
    }
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
