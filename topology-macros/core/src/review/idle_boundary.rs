//! A note: a queue between two steps that nothing keeps apart.

use crate::graph::{EdgeId, EdgeKind, EntryKind, ExitKind, Graph, NodeId};

use super::{Example, Level, Rule};

/// Said at the edge, whichever its steps are: a text for each would be a constant
/// for each, wherever the compiler has one to look at.
pub(crate) const TEXT: &str = "the queue between two inline steps costs more than both: `>>` in \
                               place of `->` would do (rule `idle_boundary`)";

pub(crate) static RULE: Rule = Rule {
    name: "idle_boundary",
    level: Level::Note,
    summary: "A queue lies between two inline steps that nothing keeps apart",
    explain: "Two inline steps with one edge between them and the same number of replicas share \
              every property: neither waits, neither is slower than a function call, and the queue \
              between them costs more than both. `a >> b` joins them without a boundary, and \
              splitting them again is one character.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> stamp -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse >> stamp -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

/// The edges that the note is about if both their steps are inline, which only
/// the compiler knows: nothing else leaves the one or leads to the other, and
/// both have as many replicas, of which the second do not sort messages by keys.
pub(crate) fn candidates(graph: &Graph) -> Vec<EdgeId> {
    let all = (0..graph.edges.len()).map(EdgeId);
    all.filter(|&edge| is_between_two(graph, edge)).collect()
}

fn is_between_two(graph: &Graph, edge: EdgeId) -> bool {
    let drawn = graph.edge(edge);
    let [from] = drawn.from[..] else { return false };
    let is_between = from.is_step() && !graph.is_source(from) && drawn.to.is_step();
    if drawn.kind != EdgeKind::Flow || !is_between {
        return false;
    }
    let replicas = |node: NodeId| {
        let replicas = graph.node(node).settings.replicas_text();
        replicas.unwrap_or_else(|| "1".to_owned())
    };
    let is_keyed = graph.node(drawn.to).settings.key.is_some();
    let leaves_alone = match graph.node(from).exits.as_slice() {
        [exit] => matches!(exit.kind, ExitKind::All) && exit.edges.len() == 1,
        _ => false,
    };
    let comes_alone = match graph.node(drawn.to).entries.as_slice() {
        [entry] => entry.kind == EntryKind::Merge && entry.edges.len() == 1,
        _ => false,
    };
    // On a thread of its own a step may take long, and the next one the while.
    let is_apart = [from, drawn.to].map(|node| graph.node(node).boundary());
    let is_apart = is_apart.iter().any(Option::is_some);
    let is_called = graph
        .node(from)
        .entries
        .iter()
        .any(|entry| entry.kind == EntryKind::Call);
    let is_kept_together = leaves_alone && comes_alone && !is_called && !is_apart;
    is_kept_together && !is_keyed && replicas(from) == replicas(drawn.to)
}
