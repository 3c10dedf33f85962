//! What loops add: rounds to the time, and room that they need.

use super::Text;
use super::time::{wait, wait_on, work};
use super::{Specs, specs};
use crate::topology::Topology;

/// A loop: a header, back edges that lead to it, and what lies between. Nodes
/// are numbered as in a [`Hop`](super::Hop).
#[derive(Debug, Clone, Copy)]
pub struct Loop {
    header: usize,
    backs: &'static [(usize, usize)],
    ways: &'static [Way],
    steps: &'static [usize],
}

/// From, to, the edge unless it is a call, and whether it brings whole messages
/// and not items of them.
type Way = (usize, usize, Option<usize>, bool);

impl Loop {
    /// The back edges with the nodes that they leave; the ways inside, with
    /// their edges unless they are calls; the steps inside that have tasks.
    pub const fn new(
        header: usize,
        backs: &'static [(usize, usize)],
        ways: &'static [Way],
        steps: &'static [usize],
    ) -> Self {
        Self {
            header,
            backs,
            ways,
            steps,
        }
    }

    const fn contains(&self, node: usize) -> bool {
        if node == self.header {
            return true;
        }
        let mut way = 0;
        while way < self.ways.len() {
            if self.ways[way].1 == node {
                return true;
            }
            way += 1;
        }
        false
    }
}

/// No way leads there.
const NOWHERE: u64 = u64::MAX;

/// By node: what all further rounds of the loops that it heads can take, in
/// milliseconds. Loops come innermost first, so what an inner one adds is known
/// when an outer one asks.
pub(super) const fn rounds<const NODES: usize>(specs: &Specs) -> [u64; NODES] {
    let mut extra = [0_u64; NODES];
    let mut next = 0;
    while next < specs.loops.len() {
        let each = &specs.loops[next];
        let begins = begins(specs, each, &extra);
        let mut back = 0;
        while back < each.backs.len() {
            let (from, edge) = each.backs[back];
            if begins[from] != NOWHERE {
                let round = begins[from]
                    .saturating_add(work(specs, from))
                    .saturating_add(if from == each.header { 0 } else { extra[from] })
                    .saturating_add(wait_on(specs, edge));
                let rounds = match specs.edges[edge].back {
                    Some(back) => back.rounds as u64,
                    None => 0,
                };
                extra[each.header] =
                    extra[each.header].saturating_add(round.saturating_mul(rounds));
            }
            back += 1;
        }
        next += 1;
    }
    extra
}

/// The longest from the header of a loop to each node of it, within one round.
const fn begins<const NODES: usize>(
    specs: &Specs,
    each: &Loop,
    extra: &[u64; NODES],
) -> [u64; NODES] {
    let mut begins = [NOWHERE; NODES];
    begins[each.header] = 0;
    let mut next = 0;
    while next < specs.hops.len() {
        let hop = specs.hops[next];
        let is_inside = each.contains(hop.from) && each.contains(hop.to);
        if is_inside && hop.to != each.header && begins[hop.from] != NOWHERE {
            let from = hop.from;
            let end = begins[from]
                .saturating_add(work(specs, from))
                .saturating_add(if from == each.header { 0 } else { extra[from] })
                .saturating_add(wait(specs, hop));
            if begins[hop.to] == NOWHERE || end > begins[hop.to] {
                begins[hop.to] = end;
            }
        }
        next += 1;
    }
    begins
}

/// The capacity that is enough for a back edge: see rule `wedging_cycle`.
pub(super) const fn enough(specs: &Specs, each: &Loop, back: usize) -> u64 {
    let mut all = 0_u64;
    let mut next = 0;
    while next < each.ways.len() {
        // A failure route that several steps share is one edge.
        if is_first(each.ways, next) {
            all = all.saturating_add(held_on(specs, each.ways[next].2));
        }
        next += 1;
    }
    next = 0;
    while next < each.steps.len() {
        all = all.saturating_add(specs.steps[each.steps[next]].held());
        next += 1;
    }
    all.saturating_sub(around(specs, each, back))
        .saturating_add(1)
}

const fn is_first(ways: &[Way], way: usize) -> bool {
    let Some(edge) = ways[way].2 else {
        return true;
    };
    let mut before = 0;
    while before < way {
        if let Some(other) = ways[before].2
            && other == edge
        {
            return false;
        }
        before += 1;
    }
    true
}

/// The fewest messages that can fill a way from the header to the back edge: a
/// batch may have but one left to hand on, all places in a scope may hold items of
/// one message, and where replicas have keys of their own, one that is held holds up
/// what waits.
const fn around(specs: &Specs, each: &Loop, back: usize) -> u64 {
    const MOST: usize = 256;
    let mut least = [NOWHERE; MOST];
    if specs.steps.len() + 2 > MOST {
        return 0;
    }
    least[each.header] = fewest(specs, each, each.header);
    let mut round = 0;
    while round < each.ways.len() {
        let mut next = 0;
        while next < each.ways.len() {
            let (from, to, edge, is_whole) = each.ways[next];
            let held = if is_whole {
                held_on(specs, edge).saturating_add(fewest(specs, each, to))
            } else {
                0
            };
            let way = least[from].saturating_add(held);
            if way < least[to] {
                least[to] = way;
            }
            next += 1;
        }
        round += 1;
    }
    least[each.backs[back].0]
}

const fn held_on(specs: &Specs, edge: Option<usize>) -> u64 {
    match edge {
        Some(edge) => specs.edges[edge].capacity as u64,
        None => 0,
    }
}

/// How many of a node's tasks have to be held before a message waits for all.
const fn fewest(specs: &Specs, each: &Loop, node: usize) -> u64 {
    let mut next = 0;
    while next < each.steps.len() {
        if each.steps[next] + 1 == node {
            return specs.steps[node - 1].fewest() as u64;
        }
        next += 1;
    }
    0
}

/// Rule `wedging_cycle`, for capacities that only the compiler can evaluate.
///
/// # Panics
///
/// At compile time, if the back edge's capacity is not enough.
#[track_caller]
pub const fn room<T: Topology>(number: usize, back: usize) {
    let specs = specs::<T>();
    let each = &specs.loops[number];
    let edge = &specs.edges[each.backs[back].1];
    let enough = enough(specs, each, back);
    if (edge.capacity as u64) < enough {
        let text = Text::<512>::new()
            .text("`")
            .text(edge.from)
            .text(" -> ")
            .text(edge.to)
            .text("` can be full while the loop is, and then nothing moves: `capacity = ")
            .number(enough)
            .text("` is enough (rule `wedging_cycle`)");
        panic!("{}", text.as_str());
    }
}
