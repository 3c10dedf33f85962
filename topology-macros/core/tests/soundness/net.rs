//! A topology as a Petri net: its edges are the places, what may become of a
//! message at a node are the transitions.
//!
//! A token is a message, or a pass: word that a branch which was skipped will
//! bring no message here. What may happen several times is there several times:
//! a scope for two items, a loop for two rounds. So in one life no edge is
//! crossed twice. The net is written from the language alone, and knows nothing
//! of conditions.

use super::drawn::topology::{IN, Node, Topology};
use super::shape::{EdgeKind, Level, Shape};
use super::unroll::unroll;

/// A set of edges, or of knots, one bit each.
pub(crate) type Set = u128;

pub(crate) struct Net {
    pub(crate) edges: Vec<Edge>,
    pub(crate) knots: Vec<Knot>,
    /// Whether every message that does not fail has an answer.
    pub(crate) promised: bool,
    pub(crate) out: usize,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: EdgeKind,
}

/// A node once, and what may happen there.
pub(crate) struct Knot {
    pub(crate) of: Node,
    pub(crate) kind: KnotKind,
    pub(crate) inputs: Set,
    /// Where passes go on.
    pub(crate) exits: Set,
    /// What may become of a message; its failing as a whole needs no mention,
    /// as it leaves nothing and is a good end.
    pub(crate) events: Vec<Event>,
    /// Those of them that are failures.
    pub(crate) failures: Vec<Event>,
    /// The edges from which a token may still come to one of the inputs.
    pub(crate) upstream: Set,
    /// The knots behind it, itself included.
    pub(crate) behind: Set,
    /// Whether somebody minds if one message comes here twice.
    pub(crate) minds_two: bool,
    /// What it is inside, and which of it.
    pub(crate) inside: Vec<(Level, u8)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KnotKind {
    /// It takes whichever comes.
    Merge,
    /// One of each part.
    Join(Vec<Set>),
    /// What one item, or one arm, came to.
    Arrival,
    /// All arrivals, once nothing is left inside.
    Gather { open: Set, inside: Set },
    /// So many arrivals.
    Race {
        open: Set,
        needed: usize,
        arms: Vec<Arm>,
    },
}

/// An arm of a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arm {
    pub(crate) arrival: Set,
    pub(crate) inside: Set,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    GoOn {
        messages: Set,
        passes: Set,
    },
    /// All tokens give way to one on this edge.
    BeginAnew(Set),
    /// The arm that it is in has lost, unless that has won.
    Lose {
        arm: usize,
        inside: Set,
        pass: Set,
    },
}

impl Net {
    /// `None` if the nests do not fit, or it is too large.
    pub(crate) fn of(topology: &Topology) -> Result<Self, &'static str> {
        let shape = Shape::of(topology);
        if !shape.fits {
            return Err("nests that do not fit");
        }
        let mut net = unroll(topology, &shape)?;
        net.look_around();
        Ok(net)
    }

    pub(crate) fn is_behind(&self, knot: usize, other: usize) -> bool {
        knot != other && self.knots[other].behind & (1 << knot) != 0
    }

    /// The edges that a message is offered to first.
    pub(crate) fn entrance(&self) -> Set {
        let entrance = self.knots.iter().find(|knot| knot.of == IN);
        let events = entrance.map(|knot| knot.events.as_slice());
        match events {
            Some([Event::GoOn { messages, .. }]) => *messages,
            _ => 0,
        }
    }

    /// Who is behind whom.
    fn look_around(&mut self) {
        let within_one_life = self.reach(|kind| kind != EdgeKind::Instead);
        let at_all = self.reach(|_| true);
        let waits = |knot: &Knot| !matches!(knot.kind, KnotKind::Merge | KnotKind::Arrival);
        let waiting = (0..self.knots.len()).filter(|&knot| waits(&self.knots[knot]));
        let waiting = waiting.fold(1 << self.out, |all: Set, knot| all | 1 << knot);
        for (number, knot) in self.knots.iter_mut().enumerate() {
            knot.behind = at_all[number];
            let mut is_fallback = false;
            for (position, edge) in self.edges.iter().enumerate() {
                if edge.to == number {
                    is_fallback |= edge.kind != EdgeKind::Flow;
                } else if within_one_life[edge.to] & (1 << number) != 0 {
                    knot.upstream |= 1 << position;
                }
            }
            knot.minds_two = !is_fallback || at_all[number] & waiting != 0;
        }
    }

    fn reach(&self, along: impl Fn(EdgeKind) -> bool) -> Vec<Set> {
        let mut reach: Vec<Set> = (0..self.knots.len()).map(|knot| 1 << knot).collect();
        loop {
            let before = reach.clone();
            for edge in self.edges.iter().filter(|edge| along(edge.kind)) {
                reach[edge.from] |= reach[edge.to];
            }
            if reach == before {
                return reach;
            }
        }
    }

    /// All edges with an end inside.
    pub(crate) fn edges_inside(&self, inside: &[(Level, u8)]) -> Set {
        let is_inside = |knot: usize| {
            let knot = &self.knots[knot];
            knot.kind != KnotKind::Arrival && knot.inside.starts_with(inside)
        };
        let edges = self.edges.iter().enumerate();
        let edges = edges.filter(|(_, edge)| is_inside(edge.from) || is_inside(edge.to));
        edges.fold(0, |all, (position, _)| all | 1 << position)
    }
}
