//! A merge that one message can come to on two ways.

use super::{Example, Level, Rule};
use crate::graph::{
    Condition, Conditions, EdgeId, EntryKind, Graph, Level as Inside, Misfit, Nests, NodeId,
};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "answered_twice",
    level: Level::Error,
    summary: "One message can come to a merge, or to `out`, on two ways",
    explain: "A merge goes on with whichever message comes, and so does `out`. If a fork sends one \
              message on two ways that meet again in a merge, what follows runs twice, and one \
              request gets two answers. Ways that meet in a merge exclude each other; ways that \
              do not meet in a join.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price & review [capacity = 16, timeout = 1s];
            price | review -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price & review -> summarise -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

/// Arms of a race that meet in a merge, or at `out`.
pub(crate) fn check_nests(graph: &Graph, nests: &Nests, report: &mut Report) {
    let differ = nests.misfits.iter().find_map(|misfit| match *misfit {
        Misfit::Differ { first, second } => Some([first, second]),
        _ => None,
    });
    let entries = graph.node(NodeId::OUT).entries.iter();
    let mut edges = entries.flat_map(|entry| &entry.edges);
    let at_out = edges.find(|&&edge| !nests.behind(edge).is_empty());
    if let Some(edges) = differ.or(at_out.map(|&edge| [edge, edge])) {
        report.push(arms_fault(graph, nests, edges));
    }
}

fn arms_fault(graph: &Graph, nests: &Nests, edges: [EdgeId; 2]) -> Fault {
    let [first, second] = edges;
    let to = graph.edge(second).to;
    let name = &graph.node(to).name;
    let headline = if to == NodeId::OUT {
        "one message can be answered twice".to_owned()
    } else {
        format!("one message can come to `{name}` twice")
    };
    let inner = [first, second]
        .into_iter()
        .find_map(|edge| match nests.behind(edge).last() {
            Some(Inside::Arm { arm, race }) => Some((edge, *arm, *race)),
            _ => None,
        });
    let fault = Fault::new(&RULE, &graph.edge(second).anchor, headline);
    let Some((edge, arm, race)) = inner else {
        return fault;
    };
    let source = &graph.node(graph.edge(edge).from[0]).name;
    let arm = &graph.node(arm).name;
    let race = &graph.node(race).name;
    fault
        .note(format!(
            "`{source}` is in the arm of `{arm}`, and every arm of the race may bring it"
        ))
        .note_at(format!("the race begins at `{race}`"), mention(graph, race))
        .help(format!(
            "end the race: `{source} ^ .. -> {name}` takes the first, and cancels the others"
        ))
}

fn mention<'a>(graph: &'a Graph, name: &str) -> &'a proc_macro2::TokenStream {
    let node = graph.nodes.iter().find(|node| node.name == name);
    &node.expect("a name of the graph").mention
}

pub(crate) fn check(graph: &Graph, conditions: &mut Conditions, report: &mut Report) {
    for node in graph.in_order() {
        if let Some(fault) = node_fault(graph, conditions, node) {
            report.push(fault);
            // The same message comes twice to whatever is behind it, too.
            return;
        }
    }
}

fn node_fault(graph: &Graph, conditions: &mut Conditions, node: NodeId) -> Option<Fault> {
    let entries = graph.node(node).entries.iter();
    let merges = entries.filter(|entry| !matches!(entry.kind, EntryKind::Join | EntryKind::Race));
    let edges: Vec<EdgeId> = merges
        .flat_map(|entry| entry.edges.iter().copied())
        .filter(|&edge| !graph.edge(edge).is_back())
        .collect();
    let is_fallback = graph.is_fallback(node);
    if is_fallback && !matters(graph, node) {
        return None;
    }
    for &edge in &edges {
        let both = conditions.shared(edge);
        let settled = conditions.settled(node);
        let both = conditions.diagrams.and(both, settled);
        if both.can_hold() {
            return Some(shared_fault(graph, conditions, node, edge, both));
        }
    }
    for (position, &second) in edges.iter().enumerate() {
        for &first in &edges[..position] {
            let (one, other) = (
                conditions.edge(first).message,
                conditions.edge(second).message,
            );
            let settled = conditions.settled(node);
            let both = conditions.diagrams.all([one, other, settled]);
            if both.can_hold() {
                return Some(fault(graph, conditions, node, [first, second], both));
            }
        }
    }
    None
}

/// Whether anybody waits for what comes of the node: `out`, or a join.
fn matters(graph: &Graph, node: NodeId) -> bool {
    let mut seen = vec![false; graph.nodes.len()];
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        if node == NodeId::OUT || waits(graph, node) {
            return true;
        }
        if !std::mem::replace(&mut seen[node.0], true) {
            todo.extend(graph.leaving(node).map(|edge| graph.edge(edge).to));
        }
    }
    false
}

fn waits(graph: &Graph, node: NodeId) -> bool {
    let mut kinds = graph.node(node).entries.iter().map(|entry| entry.kind);
    kinds.any(|kind| matches!(kind, EntryKind::Join | EntryKind::Race | EntryKind::All))
}

/// Steps on two branches of one message share a fallback.
fn shared_fault(
    graph: &Graph,
    conditions: &Conditions,
    node: NodeId,
    edge: EdgeId,
    both: Condition,
) -> Fault {
    let name = &graph.node(node).name;
    let when = conditions.when(graph, both);
    let anchor = &graph.edge(edge).anchor;
    Fault::new(
        &RULE,
        anchor,
        format!("one message can come to `{name}` twice"),
    )
    .note(format!("if {when}, `{name}` gets both failures"))
    .help("give each of them a fallback of its own, or say `else instead`, which cancels the other")
}

fn fault(
    graph: &Graph,
    conditions: &Conditions,
    node: NodeId,
    edges: [EdgeId; 2],
    both: Condition,
) -> Fault {
    let [first, second] = edges;
    let name = &graph.node(node).name;
    let headline = if node == NodeId::OUT {
        "one message can be answered twice".to_owned()
    } else {
        format!("one message can come to `{name}` twice")
    };
    let source = |edge: EdgeId| graph.node(graph.edge(edge).from[0]).name.clone();
    let (one, other) = (source(first), source(second));
    let when = conditions.when(graph, both);
    let case = if when == "every message" {
        format!("both `{one}` and `{other}` bring every message")
    } else {
        format!("if {when}, both `{one}` and `{other}` bring it")
    };
    let anchor = &graph.edge(second).anchor;
    let fault = Fault::new(&RULE, anchor, headline).note(case).note_at(
        format!("`{}`", graph.show(first)),
        &graph.edge(first).anchor,
    );
    if graph.edge(first).kind.is_failure() {
        return fault.help("give each of them a fallback of its own, or say `else instead`, which cancels the other");
    }
    if conditions.edge(first).message != conditions.edge(second).message {
        return fault
            .help("let one of them end where it meets the other, at a step that returns nothing");
    }
    if node == NodeId::OUT {
        return fault.help(format!(
            "to answer once both have come, join them in a step: `{one} & {other} -> step -> out`"
        ));
    }
    fault.help(format!(
        "to wait for both, join them: `{one} & {other} -> {name}`"
    ))
}
