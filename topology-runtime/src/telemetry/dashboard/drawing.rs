//! The drawing of a topology, read from its flowchart.
//!
//! The flowchart is what knows of routes, patterns and joins; the specs know
//! the numbers. An arrow with a queue is the edge between the same two.

use serde_json::{Value, json};

use crate::budget::Specs;
use crate::edge::EdgeSpec;

/// Nodes and arrows, each arrow with the number of its edge.
pub(super) fn read(mermaid: &str, specs: &Specs) -> Value {
    let (mut nodes, mut arrows) = (Vec::new(), Vec::new());
    for line in mermaid.lines().skip(1).map(str::trim) {
        if line.starts_with("subgraph ") {
            continue; // what is in a boundary says so itself
        }
        if let Some((from, way, to)) = arrow(line) {
            if from.contains('{') || to.contains('{') {
                continue; // a step and the small node beside it
            }
            if let Some((discard, _)) = to.split_once("([") {
                nodes.push(json!({ "key": discard, "kind": "discard", "label": "discard" }));
            }
            arrows.push(drawn(from, &way, to, specs));
        } else if let Some((key, label)) = declared(line) {
            nodes.push(node(key, label, line, specs));
        }
    }
    json!({ "nodes": nodes, "arrows": arrows })
}

/// How an arrow is drawn, and what stands on it.
struct Way<'a> {
    kind: &'static str,
    label: &'a str,
}

fn arrow(line: &str) -> Option<(&str, Way<'_>, &str)> {
    let plain = |kind| Way { kind, label: "" };
    if let Some((from, to)) = line.split_once(" ==> ") {
        return Some((from, plain("call"), to));
    }
    for (begin, end, kind) in [(" -- \"", "\" --> ", "edge"), (" -. \"", "\" .-> ", "else")] {
        if let Some((from, rest)) = line.split_once(begin) {
            let (label, to) = rest.rsplit_once(end)?;
            return Some((from, Way { kind, label }, to));
        }
    }
    let (from, to) = line.split_once(" --> ")?;
    Some((from, plain("edge"), to))
}

fn declared(line: &str) -> Option<(&str, &str)> {
    let (key, _) = line.split_once(['[', '('])?;
    let (_, rest) = line.split_once('"')?;
    let (label, _) = rest.rsplit_once('"')?;
    Some((key, label))
}

fn node(key: &str, label: &str, line: &str, specs: &Specs) -> Value {
    let step = number(key);
    let spec = step.and_then(|step| specs.steps.get(step));
    let kind = match (spec, key) {
        (_, "in") => "in",
        (_, "out") => "out",
        (Some(_), _) if line.contains("([\"") => "source",
        (Some(spec), _) if spec.inside.is_some() => "topology",
        _ => "step",
    };
    json!({ "key": key, "kind": kind, "label": text(label), "step": step.filter(|_| spec.is_some()) })
}

fn drawn(from: &str, way: &Way<'_>, to: &str, specs: &Specs) -> Value {
    let is_discard = to.contains("([");
    let edge = specs.edges.iter().position(|edge| {
        !is_discard && way.kind != "call" && leads(edge, name(from, specs), name(to, specs))
    });
    let (pattern, _) = match edge {
        Some(_) => way.label.rsplit_once("<br>").unwrap_or_default(),
        None => (way.label, ""),
    };
    let instead = way.label.starts_with("else instead");
    json!({
        "from": key(from),
        "to": if is_discard { to.split("([").next().unwrap_or(to) } else { key(to) },
        "kind": if instead { "instead" } else { way.kind },
        "pattern": if way.kind == "edge" { text(pattern) } else { String::new() },
        "routed": from.ends_with("_match"),
        "joint": joint(to),
        "edge": edge,
    })
}

/// What stands in the small node before a step.
fn joint(to: &str) -> Option<&'static str> {
    let (_, suffix) = to.split_once('_')?;
    let joints = [
        ("join", "&"),
        ("race", "^"),
        ("each", "each"),
        ("all", "all"),
    ];
    let mut known = joints.into_iter();
    known.find_map(|(known, sign)| (known == suffix).then_some(sign))
}

/// An edge may come from several steps that share it.
fn leads(edge: &EdgeSpec, from: &str, to: &str) -> bool {
    let is_part = |part: char| !part.is_alphanumeric() && part != '_';
    edge.to == to && (edge.from == from || edge.from.split(is_part).any(|one| one == from))
}

fn name<'a>(end: &'a str, specs: &Specs) -> &'a str {
    let key = key(end);
    let spec = number(key).and_then(|step| specs.steps.get(step));
    spec.map_or(key, |spec| spec.name)
}

fn number(key: &str) -> Option<usize> {
    key.strip_prefix('s')?.parse().ok()
}

/// The key of the step that an end of an arrow belongs to.
fn key(end: &str) -> &str {
    let end = end.split(['{', '(', '[']).next().unwrap_or(end);
    end.split_once('_').map_or(end, |(step, _)| step)
}

/// What Mermaid takes for text, as text.
fn text(label: &str) -> String {
    label
        .replace("<br>", " | ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}
