//! A note: replicas that mix what belongs together.

use proc_macro2::TokenStream;

use super::{Example, Level, Rule};
use crate::amount::Amount;
use crate::graph::{Graph, NodeId};

pub(crate) static RULE: Rule = Rule {
    name: "unkeyed_replicas",
    level: Level::Note,
    summary: "Replicas mix what belongs together: no key says what does",
    explain: "Each replica of a stateful step has a state of its own. Without a key, a message \
              comes to whichever replica is free, so what one state knows is a matter of luck; \
              with one, messages of one key come to one state, in their order. A key keeps an \
              order only if there is one: where replicas of a step before it overtake one \
              another, messages of one key come in any order. Give those a key too, or say why \
              the order does not matter.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> u64>;
            in -> Total -> out [capacity = 16, timeout = 1s];
            Total [replicas = 4];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> u64>;
            in -> Total -> out [capacity = 16, timeout = 1s];
            Total [replicas = 4, key = |order| order.total];
            else fail;
        }
    ",
    ),
};

pub(crate) const TEXT: &str = "each replica of a stateful step has a state of its own, and \
                               without a key a message comes to any of them (rule \
                               `unkeyed_replicas`)";

/// What is said of a key behind replicas that overtake one another.
pub(crate) fn overtaken_text(step: &str, before: &str) -> String {
    format!(
        "messages of one key come to `{step}` in any order: replicas of `{before}` overtake one \
         another (rule `unkeyed_replicas`)"
    )
}

/// The steps that the note is about if they are stateful, which only the compiler
/// knows.
pub(crate) fn candidates(graph: &Graph) -> Vec<NodeId> {
    let all = graph.steps();
    // A state whose replicas come and go is an error of its own.
    let is_fixed = |node: NodeId| graph.node(node).settings.least.is_none();
    all.filter(|&node| is_fixed(node) && overtake(graph, node))
        .collect()
}

/// The first step from which messages come to the node in any order, although the
/// node keeps the order of a key.
pub(crate) fn overtaken(graph: &Graph, node: NodeId) -> Option<NodeId> {
    graph.node(node).settings.key.as_ref()?;
    let before = graph.leading_to(node);
    let mut before = graph.steps().filter(|other| before[other.0]);
    before.find(|&other| overtake(graph, other))
}

/// What to underline.
pub(crate) fn anchor(graph: &Graph, node: NodeId) -> TokenStream {
    let settings = &graph.node(node).settings;
    let key = settings.key.as_ref().map(|key| key.written.clone());
    let replicas = || settings.written.clone();
    key.or_else(replicas).unwrap_or_default()
}

/// Whether the replicas of a step overtake one another.
fn overtake(graph: &Graph, node: NodeId) -> bool {
    let settings = &graph.node(node).settings;
    match &settings.replicas {
        None | Some(Amount::Known(1, _)) => false,
        Some(_) => settings.key.is_none(),
    }
}
