//! A note: an edge whose timeout is shorter than its step may be busy.

use super::{Example, Level, Rule};
use crate::graph::{EdgeId, EdgeKind, Graph};

pub(crate) static RULE: Rule = Rule {
    name: "hasty_edge",
    level: Level::Note,
    summary: "An edge gives messages less time than its step may work on one",
    explain: "A message waits on its edge until a replica of the next step is free, and a replica \
              may be busy with one message for all its attempts, their timeouts and the waits \
              between them. If the edge's timeout is shorter than that, one slow message fails \
              those that wait behind it. Give the edge as long as the step may take, or say why \
              what waits should rather fail.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price [capacity = 16, timeout = 100ms];
            price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price [capacity = 16, timeout = 2s];
            price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) const TEXT: &str = "the edge's timeout is shorter than its step may work on one \
                               message: what waits behind a slow one fails (rule `hasty_edge`)";

/// The edges that the note is about if the step takes that long, which only the
/// compiler knows.
pub(crate) fn candidates(graph: &Graph) -> Vec<EdgeId> {
    let all = (0..graph.edges.len()).map(EdgeId);
    all.filter(|&id| {
        let edge = graph.edge(id);
        edge.kind == EdgeKind::Flow && edge.to.is_step()
    })
    .collect()
}
