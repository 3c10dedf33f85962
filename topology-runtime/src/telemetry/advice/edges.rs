//! How large edges are, and whether they are worth it.

use super::super::{EdgeSnapshot, Snapshot};
use super::Advice;
use super::load::{ENOUGH, SATURATED, rate, utilisation};

/// A capacity that nobody would bother to make smaller.
const SMALL: usize = 8;

pub(super) fn judge(snapshot: &Snapshot, edge: &EdgeSnapshot) -> Option<Advice> {
    if edge.waited.count < ENOUGH {
        return None;
    }
    let costly = costly(snapshot, edge);
    costly
        .or_else(|| small(snapshot, edge))
        .or_else(|| large(snapshot, edge))
}

/// How many messages are on the edge while one waits.
fn needed(snapshot: &Snapshot, edge: &EdgeSnapshot) -> u64 {
    let waiting = rate(snapshot, edge.waited.count) * edge.waited.p99.as_secs_f64();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not negative, and what is too large saturates"
    )]
    let waiting = waiting.ceil() as u64;
    waiting.max(1)
}

fn small(snapshot: &Snapshot, edge: &EdgeSnapshot) -> Option<Advice> {
    let held_up = edge.blocked + edge.dropped;
    let keeps_up = snapshot
        .step(edge.to)
        .and_then(|step| utilisation(snapshot, step))
        .is_none_or(|utilisation| utilisation < SATURATED);
    let needed = needed(snapshot, edge);
    let is_small = held_up.saturating_mul(100) >= edge.offered.max(1)
        && keeps_up
        && needed > edge.capacity as u64;
    is_small.then(|| Advice::SmallEdge {
        from: edge.from,
        to: edge.to,
        capacity: edge.capacity,
        needed,
        rate: rate(snapshot, edge.waited.count),
        waited: edge.waited.p99,
        held_up,
        offered: edge.offered,
    })
}

fn large(snapshot: &Snapshot, edge: &EdgeSnapshot) -> Option<Advice> {
    let needed = needed(snapshot, edge);
    let used = needed.max(edge.fullest as u64);
    // Whoever calls has a place for the answer: nothing waits there.
    let is_large =
        edge.to != "out" && edge.capacity > SMALL && used.saturating_mul(4) <= edge.capacity as u64;
    is_large.then_some(Advice::LargeEdge {
        from: edge.from,
        to: edge.to,
        capacity: edge.capacity,
        needed,
        fullest: edge.fullest,
    })
}

fn costly(snapshot: &Snapshot, edge: &EdgeSnapshot) -> Option<Advice> {
    let from = snapshot.step(edge.from)?;
    let to = snapshot.step(edge.to)?;
    let edges = &snapshot.edges;
    let is_only_one = edges.iter().filter(|other| other.from == edge.from).count() == 1
        && edges.iter().filter(|other| other.to == edge.to).count() == 1;
    let is_plain = !from.is_source && to.at_once == to.replicas && to.inside.is_empty();
    // A call would run in the place of its caller.
    let is_within_one = from.boundary == to.boundary;
    // The times of less than a microsecond are recorded as none.
    let is_short = to.duration.count >= ENOUGH && to.duration.p50.is_zero();
    (is_only_one && is_plain && is_within_one && is_short).then_some(Advice::CostlyBoundary {
        from: edge.from,
        to: edge.to,
    })
}
