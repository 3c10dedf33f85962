//! An edge that declares no capacity.

use proc_macro2::TokenStream;

use super::{Example, Level, Rule, missing_timeout};
use crate::graph::{Edge, EdgeId, Graph, Overflow};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "missing_capacity",
    level: Level::Error,
    summary: "An edge does not say how many messages may wait on it",
    explain: "Every edge is a queue, and a queue without a bound grows until the process is \
              killed. `capacity = N` is how many messages may wait on the edge; when it is full \
              the producer waits, which is how a slow step slows down what is upstream of it \
              instead of filling the memory. Start with as many as the producer may run ahead in \
              a burst, 16 to 256, and change it when the snapshot shows the edge full.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [timeout = 1s];
            else fail;
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

/// Reports each missing contract once, for all the edges that lack it together.
pub(crate) fn check(graph: &Graph, report: &mut Report) {
    let mut done: Vec<String> = Vec::new();
    for id in (0..graph.edges.len()).map(EdgeId) {
        let edge = graph.edge(id);
        if !graph.has_queue(id) || edge.contract.misread {
            continue;
        }
        let missing = missing(edge);
        if missing == Missing::Nothing {
            continue;
        }
        let mates = mates(graph, id);
        let names: Vec<_> = mates
            .iter()
            .map(|&mate| format!("`{}`", graph.show(mate)))
            .collect();
        let names = names.join(", ");
        if done.contains(&names) {
            continue;
        }
        report.push(fault(graph, &mates, &names, missing));
        done.push(names);
    }
}

/// One edge for each bracket that declares a contract.
pub(super) fn brackets(graph: &Graph) -> Vec<EdgeId> {
    let mut seen = Vec::new();
    let all = (0..graph.edges.len()).map(EdgeId);
    all.filter(|&id| {
        let place = graph.edge(id).contract.begins;
        let is_first = !seen.contains(&place);
        seen.push(place);
        graph.has_queue(id) && place.is_some() && is_first
    })
    .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Nothing,
    Both,
    Capacity,
    Timeout,
}

fn missing(edge: &Edge) -> Missing {
    match (&edge.contract.capacity, &edge.contract.timeout) {
        (Some(_), Some(_)) => Missing::Nothing,
        (None, None) => Missing::Both,
        (None, Some(_)) => Missing::Capacity,
        (Some(_), None) => Missing::Timeout,
    }
}

/// The edges that share this one's bracket, or are next to it without one.
fn mates(graph: &Graph, id: EdgeId) -> Vec<EdgeId> {
    let place = |id: EdgeId| graph.edge(id).contract.begins;
    let bracket = place(id);
    let is_mate = |other: EdgeId| {
        let same_chain = graph.edge(other).statement == graph.edge(id).statement;
        place(other) == bracket && (bracket.is_some() || same_chain)
    };
    let all = (0..graph.edges.len()).map(EdgeId);
    all.filter(|&other| graph.has_queue(other) && is_mate(other))
        .collect()
}

fn fault(graph: &Graph, edges: &[EdgeId], names: &str, missing: Missing) -> Fault {
    let edge = graph.edge(edges[0]);
    let anchor: TokenStream = match &edge.contract.bracket {
        Some(bracket) => bracket.clone(),
        None => edge.anchor.clone(),
    };
    let (subject, verb) = if edges.len() == 1 {
        ("edge", "declares")
    } else {
        ("edges", "declare")
    };
    let capacity = edge
        .contract
        .capacity
        .as_ref()
        .map(crate::amount::Amount::text);
    let timeout = edge
        .contract
        .timeout
        .as_ref()
        .map(crate::amount::Amount::text);
    let overflow = match edge.contract.overflow {
        Overflow::Block => String::new(),
        overflow => format!(", overflow = {}", overflow.name()),
    };
    let place = if edge.kind.is_failure() {
        "the fallback"
    } else {
        "the arrow"
    };
    let declare = if missing == Missing::Both {
        "declare both"
    } else {
        "declare it"
    };
    let remedy = format!(
        "{declare} behind {place}: `[capacity = {}, timeout = {}{overflow}]`",
        capacity.unwrap_or("64".into()),
        timeout.unwrap_or("1s".into())
    );
    match missing {
        Missing::Timeout => Fault::new(
            &missing_timeout::RULE,
            anchor,
            format!("{subject} {names} {verb} no timeout"),
        )
        .note("without one, a message may wait for ever on a step that is stuck")
        .help(remedy),
        Missing::Capacity => Fault::new(
            &RULE,
            anchor,
            format!("{subject} {names} {verb} no capacity"),
        )
        .note("a queue without a bound grows until the process is killed")
        .help(remedy),
        _ => Fault::new(
            &RULE,
            anchor,
            format!("{subject} {names} {verb} neither capacity nor timeout"),
        )
        .note("a queue without a bound grows until the process is killed; a wait without one never ends")
        .help(remedy),
    }
}
