//! The graph as a Mermaid flowchart.

use std::fmt::Write as _;

use super::{
    BoundaryId, EdgeId, EdgeKind, Entry, EntryKind, ExitKind, Graph, Isolation, NodeId, Overflow,
};
use crate::syntax::Output;

/// Draws the topology from left to right: steps as boxes, joins, races, scopes
/// and routes as small nodes of their own, failure routes dotted.
pub(crate) fn mermaid(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    let all = std::iter::once(NodeId::IN)
        .chain(graph.steps())
        .chain([NodeId::OUT]);
    let used = all.filter(|&node| {
        let node = graph.node(node);
        !node.entries.is_empty() || !node.exits.is_empty()
    });
    shapes(graph, &used.collect::<Vec<_>>(), None, "    ", &mut text);
    for id in (0..graph.nodes.len()).map(NodeId) {
        joint_nodes(graph, id, &mut text);
    }
    for id in (0..graph.edges.len()).map(EdgeId) {
        let edge = graph.edge(id);
        for &from in &edge.from {
            let _ = writeln!(
                text,
                "    {} {} {}",
                source(graph, from, id),
                arrow(graph, from, id),
                target(graph, id)
            );
        }
    }
    text
}

/// The nodes that are in a boundary, or in none, and frames around those that are
/// in boundaries inside.
fn shapes(
    graph: &Graph,
    nodes: &[NodeId],
    within: Option<BoundaryId>,
    indent: &str,
    text: &mut String,
) {
    let mut framed = Vec::new();
    for &id in nodes {
        let mut place = graph.node(id).boundary();
        if place == within {
            let _ = writeln!(text, "{indent}{}", shape(graph, id));
            continue;
        }
        // Which of the boundaries right inside it is in.
        while let Some(boundary) = place
            && graph.boundary(boundary).outer != within
        {
            place = graph.boundary(boundary).outer;
        }
        if let Some(boundary) = place.filter(|boundary| !framed.contains(boundary)) {
            framed.push(boundary);
            let _ = writeln!(text, "{indent}subgraph {}", frame(graph, boundary));
            let deeper = format!("{indent}    ");
            shapes(graph, nodes, Some(boundary), &deeper, text);
            let _ = writeln!(text, "{indent}end");
        }
    }
}

/// A boundary's frame, with its kind and, of one of threads, how many it has.
fn frame(graph: &Graph, id: BoundaryId) -> String {
    let boundary = graph.boundary(id);
    let (number, name) = (id.0, plain(&boundary.name.to_string()));
    let kind = boundary.isolation.name();
    let threads = boundary.declared.threads.as_ref();
    let threads = threads.filter(|_| boundary.isolation == Isolation::Thread);
    let threads = threads.map(|threads| format!(" ×{}", plain(&threads.text())));
    format!(
        "b{number}[\"{name}: {kind}{}\"]",
        threads.unwrap_or_default()
    )
}

/// A step's box, with what is declared of the node.
fn shape(graph: &Graph, id: NodeId) -> String {
    let node = graph.node(id);
    let name = key(id);
    match id {
        NodeId::IN => format!("{name}([\"in: {}\"])", escape(&graph.syntax.input)),
        NodeId::OUT => {
            let optional = if matches!(graph.syntax.output, Output::Maybe(_)) {
                "?"
            } else {
                ""
            };
            format!(
                "{name}([\"out: {}{optional}\"])",
                escape(graph.syntax.output.ty())
            )
        }
        _ if graph.is_source(id) => format!("{name}([\"{}\"])", plain(&node.name)),
        _ => {
            let settings = &node.settings;
            let replicas = settings.replicas_text();
            let replicas = replicas.map(|replicas| format!(" ×{}", plain(&replicas)));
            let rate = settings.rate.as_ref();
            let rate = rate.map(|rate| format!(" {}", plain(&rate.text())));
            let own = [Some(plain(&node.name)), replicas, rate];
            let own: String = own.into_iter().flatten().collect();
            format!("{name}[\"{own}\"]")
        }
    }
}

/// The small nodes where branches come together, and where ways part.
fn joint_nodes(graph: &Graph, id: NodeId, text: &mut String) {
    let node = graph.node(id);
    if let Some((suffix, sign)) = node.entries.iter().find_map(joint) {
        let key = key(id);
        let _ = writeln!(text, "    {key}_{suffix}{{{{\"{sign}\"}}}} --> {key}");
    }
    for exit in &node.exits {
        let ExitKind::Match(arms) = &exit.kind else {
            continue;
        };
        let key = key(id);
        let _ = writeln!(text, "    {key} --> {key}_match{{\"match\"}}");
        for arm in arms.iter().filter(|arm| arm.target.is_none()) {
            let pattern = pattern(arm);
            let _ = writeln!(
                text,
                "    {key}_match -- \"{pattern}\" --> {key}_discard([\"discard\"])"
            );
        }
    }
}

fn source(graph: &Graph, from: NodeId, edge: EdgeId) -> String {
    let routed = graph
        .node(from)
        .exits
        .iter()
        .any(|exit| matches!(exit.kind, ExitKind::Match(_)) && exit.edges.contains(&edge));
    let suffix = if routed { "_match" } else { "" };
    format!("{}{suffix}", key(from))
}

fn target(graph: &Graph, edge: EdgeId) -> String {
    let to = graph.edge(edge).to;
    let entries = graph.node(to).entries.iter();
    let mut own = entries.filter(|entry| entry.edges.contains(&edge));
    match own.find_map(joint) {
        Some((suffix, _)) => format!("{}_{suffix}", key(to)),
        None => key(to),
    }
}

/// The small node before a step that takes more than single messages: the end
/// of its key, and what stands in it.
fn joint(entry: &Entry) -> Option<(&'static str, &'static str)> {
    match entry.kind {
        EntryKind::Join => Some(("join", "&")),
        EntryKind::Race => Some(("race", "^")),
        EntryKind::Each => Some(("each", "each")),
        EntryKind::All => Some(("all", "all")),
        _ => None,
    }
}

/// The arrow with its patterns and its contract.
fn arrow(graph: &Graph, from: NodeId, id: EdgeId) -> String {
    let edge = graph.edge(id);
    if edge.kind == EdgeKind::Call {
        return "==>".to_owned();
    }
    let mut label = patterns(graph, from, id);
    let contract = contract(graph, id);
    if !contract.is_empty() {
        if !label.is_empty() {
            label.push_str("<br>");
        }
        label.push_str(&contract);
    }
    match edge.kind {
        EdgeKind::Failure => format!("-. \"else: {label}\" .->"),
        EdgeKind::Instead => format!("-. \"else instead: {label}\" .->"),
        _ => format!("-- \"{label}\" -->"),
    }
}

fn contract(graph: &Graph, id: EdgeId) -> String {
    let contract = &graph.edge(id).contract;
    let mut words = Vec::new();
    words.extend(
        contract
            .capacity
            .as_ref()
            .map(|amount| plain(&amount.text())),
    );
    words.extend(
        contract
            .timeout
            .as_ref()
            .map(|amount| plain(&amount.text())),
    );
    let counted = [
        ("first", contract.first.as_ref()),
        ("rounds", contract.rounds.as_ref()),
        ("limit", contract.limit.as_ref()),
        ("batch", contract.batch.as_ref()),
    ];
    for (word, amount) in counted {
        words.extend(amount.map(|amount| format!("{word} {}", plain(&amount.text()))));
    }
    let timed = [
        ("within", contract.within.as_ref()),
        ("linger", contract.linger.as_ref()),
    ];
    for (word, amount) in timed {
        words.extend(amount.map(|amount| format!("{word} {}", plain(&amount.text()))));
    }
    if contract.overflow != Overflow::Block {
        words.push(contract.overflow.name().to_owned());
    }
    words.join(", ")
}

fn patterns(graph: &Graph, from: NodeId, edge: EdgeId) -> String {
    let arms = graph
        .node(from)
        .exits
        .iter()
        .flat_map(|exit| match &exit.kind {
            ExitKind::Match(arms) => arms.as_slice(),
            _ => &[],
        });
    let patterns: Vec<_> = arms
        .filter(|arm| {
            arm.target
                .as_ref()
                .is_some_and(|(target, _)| *target == edge)
        })
        .map(pattern)
        .collect();
    patterns.join("<br>")
}

fn pattern(arm: &super::Arm) -> String {
    let pattern = &arm.pattern;
    match &arm.guard {
        Some((keyword, guard)) => escape(&quote::quote!(#pattern #keyword #guard)),
        None => escape(pattern),
    }
}

fn key(id: NodeId) -> String {
    match id {
        NodeId::IN => "in".to_owned(),
        NodeId::OUT => "out".to_owned(),
        NodeId(position) => format!("s{}", position - 2),
    }
}

/// Tokens as a label: with the spaces that a person would write.
fn escape(tokens: &impl quote::ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let text = text
        .replace(" :: ", "::")
        .replace(" (", "(")
        .replace("( ", "(")
        .replace(" )", ")")
        .replace(" ,", ",")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace("& ", "&")
        .replace(" . ", ".");
    plain(&text)
}

/// Text that Mermaid takes for text.
fn plain(text: &str) -> String {
    if !text.contains(['&', '"', '<', '>']) {
        return text.to_owned();
    }
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
