//! What changed between two states of one topology, in groups.

use topology_macros_core::model::{Boundary, EntryKind, ExitKind, Node, NodeKind, Topology};

use super::contracts::contracts;

/// The titles of the groups that changed, with their lines.
pub(crate) fn between(old: &Topology, new: &Topology) -> Vec<(&'static str, Vec<String>)> {
    let groups = [
        ("signature", signature(old, new)),
        ("steps", steps(old, new)),
        ("edges", edges(old, new)),
        ("joins and merges", entries(old, new)),
        ("routes", routes(old, new)),
        ("contracts", contracts(old, new)),
        ("failures", failures(old, new)),
        ("replicas", replicas(old, new)),
        ("boundaries", boundaries(old, new)),
    ];
    let changed = groups.into_iter().filter(|(_, lines)| !lines.is_empty());
    changed.collect()
}

fn signature(old: &Topology, new: &Topology) -> Vec<String> {
    let (before, after) = (old.signature(), new.signature());
    let none = || "none".to_owned();
    let state = |model: &Topology| model.state.clone().unwrap_or_else(none);
    let deadline = |model: &Topology| {
        model
            .deadline
            .as_ref()
            .map_or_else(none, |time| time.written.clone())
    };
    let memory = |model: &Topology| {
        model
            .memory
            .as_ref()
            .map_or_else(none, |size| size.written.clone())
    };
    let strategy = |model: &Topology| model.strategy.unwrap_or("one_for_one");
    let mut lines = Vec::new();
    lines.extend((before != after).then(|| format!("~ {}", was(&after, &before))));
    lines.extend(change("state", &state(old), &state(new)));
    lines.extend(change("deadline", &deadline(old), &deadline(new)));
    lines.extend(change("memory", &memory(old), &memory(new)));
    lines.extend(change("strategy", strategy(old), strategy(new)));
    lines
}

fn steps(old: &Topology, new: &Topology) -> Vec<String> {
    let names = |model| {
        all_steps(model)
            .map(|node| node.name.clone())
            .collect::<Vec<_>>()
    };
    let mut lines = listed(&names(old), &names(new));
    lines.extend(common(old, new).filter_map(|(old, new)| change(&new.name, &old.path, &new.path)));
    lines
}

/// The edges that messages cross; where failures go is a group of its own.
fn edges(old: &Topology, new: &Topology) -> Vec<String> {
    let drawn = |model: &Topology| {
        let edges = model.edges.iter().filter(|edge| !edge.kind.is_failure());
        edges.map(|edge| model.show(edge)).collect::<Vec<_>>()
    };
    listed(&drawn(old), &drawn(new))
}

/// Steps whose ways in come together in another manner.
fn entries(old: &Topology, new: &Topology) -> Vec<String> {
    let lines = common(old, new).filter_map(|(before, after)| {
        let (was, is) = (manner(old, before)?, manner(new, after)?);
        // New ways in are new edges; only how they come together is of interest.
        let is_other = was.kind != is.kind || is.kind == EntryKind::Join && was.is_reordered(&is);
        let (was, is) = (was.text(), is.text());
        is_other.then(|| change(&after.name, &was, &is)).flatten()
    });
    lines.collect()
}

/// How a step's ways in come together.
struct Manner {
    kind: EntryKind,
    sources: Vec<String>,
}

fn manner(model: &Topology, node: &Node) -> Option<Manner> {
    let entry = node.entries.first()?;
    let sources = entry
        .edges
        .iter()
        .flat_map(|&edge| model.sources(&model.edges[edge]));
    Some(Manner {
        kind: entry.kind,
        sources: sources.map(str::to_owned).collect(),
    })
}

impl Manner {
    fn text(&self) -> String {
        let between = match self.kind {
            EntryKind::Join => " & ",
            EntryKind::Race => " ^ ",
            EntryKind::Merge | EntryKind::Each | EntryKind::All => " | ",
            EntryKind::Call | EntryKind::Failure => ", ",
        };
        let sources = self.sources.join(between);
        match self.kind {
            EntryKind::Call => format!("called by {sources}"),
            EntryKind::Failure => format!("failures of {sources}"),
            EntryKind::Each => format!("each item of {sources}"),
            EntryKind::All => format!("all results of {sources}"),
            EntryKind::Join | EntryKind::Race | EntryKind::Merge => sources,
        }
    }

    fn is_reordered(&self, other: &Self) -> bool {
        let sorted = |manner: &Self| {
            let mut sources = manner.sources.clone();
            sources.sort();
            sources
        };
        self.sources != other.sources && sorted(self) == sorted(other)
    }
}

fn routes(old: &Topology, new: &Topology) -> Vec<String> {
    let arms = |model: &Topology| {
        let arms = all_steps(model).flat_map(|node| arms(model, node));
        arms.collect::<Vec<_>>()
    };
    listed(&arms(old), &arms(new))
}

/// `screen: Verdict::Clear(order) => settle(order)`, for each arm.
fn arms(model: &Topology, node: &Node) -> Vec<String> {
    let arms = node.exits.iter().flat_map(|exit| match &exit.kind {
        ExitKind::Match(arms) => arms.as_slice(),
        _ => &[],
    });
    let lines = arms.map(|arm| {
        let target = match (arm.edge, &arm.payload) {
            (Some(edge), Some(payload)) => {
                let target = &model.nodes[model.edges[edge].to].name;
                format!("{target}({payload})")
            }
            _ => "discard".to_owned(),
        };
        format!("{}: {} => {target}", node.name, arm.text())
    });
    lines.collect()
}

fn failures(old: &Topology, new: &Topology) -> Vec<String> {
    let said = |model: &Topology, node: &Node| match &node.failure {
        Some(failure) => format!("else {}", model.outcome(failure)),
        None => "nothing said".to_owned(),
    };
    let lines = common(old, new)
        .filter_map(|(before, after)| change(&after.name, &said(old, before), &said(new, after)));
    lines.collect()
}

fn replicas(old: &Topology, new: &Topology) -> Vec<String> {
    let number = |node: &Node| {
        let replicas = node.replicas.as_ref();
        let replicas = replicas.map_or("1", |count| &count.written);
        let key = node.key.as_ref().map(|key| format!("key {key}"));
        let rate = node.rate.as_ref().map(|rate| format!("rate {rate}"));
        let said = [Some(replicas.to_owned()), key, rate];
        said.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let lines = common(old, new)
        .filter_map(|(before, after)| change(&after.name, &number(before), &number(after)));
    lines.collect()
}

/// What they declare, and which steps are inside.
fn boundaries(old: &Topology, new: &Topology) -> Vec<String> {
    let declared = |model: &Topology| {
        let boundaries = model.boundaries.iter().map(Boundary::text);
        boundaries.collect::<Vec<_>>()
    };
    let place = |model: &Topology, node: &Node| {
        let inside = model.boundaries(node);
        let names: Vec<_> = inside.iter().map(|boundary| &*boundary.name).collect();
        if names.is_empty() {
            "in none".to_owned()
        } else {
            format!("in {}", names.join(", in "))
        }
    };
    let mut lines = listed(&declared(old), &declared(new));
    lines.extend(common(old, new).filter_map(|(before, after)| {
        change(&after.name, &place(old, before), &place(new, after))
    }));
    lines
}

fn all_steps(model: &Topology) -> impl Iterator<Item = &Node> {
    model
        .nodes
        .iter()
        .filter(|node| matches!(node.kind, NodeKind::Source | NodeKind::Step))
}

/// The steps that both have, in the new order.
fn common<'a>(old: &'a Topology, new: &'a Topology) -> impl Iterator<Item = (&'a Node, &'a Node)> {
    all_steps(new).filter_map(|after| {
        let before = all_steps(old).find(|before| before.name == after.name)?;
        Some((before, after))
    })
}

/// What only the old has, then what only the new has.
fn listed(old: &[String], new: &[String]) -> Vec<String> {
    let gone = old.iter().filter(|line| !new.contains(line));
    let come = new.iter().filter(|line| !old.contains(line));
    gone.map(|line| format!("- {line}"))
        .chain(come.map(|line| format!("+ {line}")))
        .collect()
}

fn change(name: &str, old: &str, new: &str) -> Option<String> {
    (old != new).then(|| format!("~ {name}: {}", was(new, old)))
}

pub(super) fn was(new: &str, old: &str) -> String {
    format!("{new} (was {old})")
}
