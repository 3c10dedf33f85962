//! How a net is made of a topology: scopes and loops several times.

use std::collections::HashMap;

use super::drawn::topology::{IN, Node, OUT, Operator, Outcome, Output, Statement, Topology};
use super::net::{Arm, Edge, Event, Knot, KnotKind, Net, Set};
use super::shape::{Border, EdgeKind, Level, Shape, Way};

/// How many items a message becomes at most, and how often one goes back.
const ITEMS: u8 = 2;
const ROUNDS: u8 = 1;

/// The knots and edges of a topology, or that it is too large.
pub(crate) fn unroll(topology: &Topology, shape: &Shape) -> Result<Net, &'static str> {
    let mut unrolled = Unrolled {
        topology,
        shape,
        net: Net {
            edges: Vec::new(),
            knots: Vec::new(),
            promised: topology.output == Output::Always,
            out: 0,
        },
        known: HashMap::new(),
        todo: Vec::new(),
        losers: Vec::new(),
    };
    unrolled.net.out = unrolled.knot(OUT, Vec::new(), false);
    unrolled.knot(IN, Vec::new(), false);
    while let Some(knot) = unrolled.todo.pop() {
        unrolled.leave(knot);
        if unrolled.net.edges.len() > 120 || unrolled.net.knots.len() > 120 {
            return Err("too large a net");
        }
    }
    unrolled.close();
    Ok(unrolled.net)
}

/// A node, what it is inside and which of it, and whether it is an arrival.
type Key = (Node, Vec<(Level, u8)>, bool);

/// A net that is being made.
struct Unrolled<'a> {
    topology: &'a Topology,
    shape: &'a Shape,
    net: Net,
    known: HashMap<Key, usize>,
    todo: Vec<usize>,
    /// The knots at which an arm may lose, and its arrival.
    losers: Vec<(usize, usize)>,
}

impl Unrolled<'_> {
    fn knot(&mut self, of: Node, inside: Vec<(Level, u8)>, is_arrival: bool) -> usize {
        let key = (of, inside.clone(), is_arrival);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let knot = self.net.knots.len();
        self.known.insert(key, knot);
        let kind = if is_arrival {
            KnotKind::Arrival
        } else {
            self.kind(of)
        };
        self.net.knots.push(Knot {
            of,
            kind,
            inputs: 0,
            exits: 0,
            events: Vec::new(),
            failures: Vec::new(),
            upstream: 0,
            behind: 0,
            minds_two: false,
            inside,
        });
        if !is_arrival {
            self.todo.push(knot);
        }
        knot
    }

    fn kind(&self, of: Node) -> KnotKind {
        let mut entries = self.shape.ways.iter().filter(|way| way.to == of);
        if let Some(border) = entries.find_map(|way| match way.border {
            Border::All | Border::Finish(_) => Some(way.border),
            _ => None,
        }) {
            return match border {
                Border::Finish(needed) => KnotKind::Race {
                    open: 0,
                    needed,
                    arms: Vec::new(),
                },
                _ => KnotKind::Gather { open: 0, inside: 0 },
            };
        }
        match self.parts(of) {
            Some(parts) => KnotKind::Join(vec![0; parts.len()]),
            None => KnotKind::Merge,
        }
    }

    fn parts(&self, of: Node) -> Option<&[Node]> {
        let mut statements = self.topology.statements.iter();
        statements.find_map(|statement| match statement {
            Statement::Chain {
                from,
                operator: Operator::Join,
                to,
                ..
            } if to.contains(&of) && from.len() > 1 => Some(from.as_slice()),
            _ => None,
        })
    }

    fn edge(&mut self, from: usize, to: usize, kind: EdgeKind) -> Set {
        let bit = 1 << self.net.edges.len();
        self.net.edges.push(Edge { from, to, kind });
        self.net.knots[to].inputs |= bit;
        let (source, target) = (self.net.knots[from].of, self.net.knots[to].of);
        let position = self
            .parts(target)
            .and_then(|parts| parts.iter().position(|&part| part == source));
        if let (KnotKind::Join(parts), Some(position)) = (&mut self.net.knots[to].kind, position) {
            parts[position] |= bit;
        }
        bit
    }

    /// What a node is inside that is reached from here. What only comes to sinks
    /// may do so in every round: it has left no loop.
    fn inside(&self, from: usize, to: Node) -> Vec<(Level, u8)> {
        let here = &self.net.knots[from].inside;
        if self.shape.is_quiet(to) {
            return here.clone();
        }
        let only_ends = self.shape.only_ends(to);
        let mut ahead = self.shape.levels[to].iter().peekable();
        let mut inside = Vec::new();
        for &(level, number) in here {
            if ahead.next_if_eq(&&level).is_none() {
                let is_kept = only_ends && matches!(level, Level::Loop(_));
                if !is_kept {
                    break;
                }
            }
            inside.push((level, number));
        }
        inside.extend(ahead.map(|&level| (level, 0)));
        inside
    }

    /// Everything that may happen at a node.
    fn leave(&mut self, knot: usize) {
        let of = self.net.knots[knot].of;
        if of == OUT {
            return;
        }
        let exits: Vec<Way> = self.shape.exits(of).copied().collect();
        let mut well: Vec<(Set, bool)> = vec![(0, true)];
        let mut arms = Vec::new();
        for way in &exits {
            match way.border {
                Border::Nothing => {
                    let inside = self.inside(knot, way.to);
                    let to = self.knot(way.to, inside, false);
                    let bit = self.edge(knot, to, EdgeKind::Flow);
                    self.net.knots[knot].exits |= bit;
                    arms.push(bit);
                }
                Border::Back => arms.extend(self.back(knot, way)),
                Border::All | Border::Finish(_) => {
                    let arrival = self.arrival(knot, way.to);
                    let bit = self.edge(knot, arrival, EdgeKind::Flow);
                    self.net.knots[knot].exits |= bit;
                    arms.push(bit);
                }
                Border::Start(race) => {
                    let level = Level::Arm { race, arm: way.to };
                    self.open(knot, level, &mut well);
                    let inside = self.inside(knot, way.to);
                    let to = self.knot(way.to, inside, false);
                    arms.push(self.edge(knot, to, EdgeKind::Flow));
                }
                Border::Each => {
                    self.open(knot, Level::Items(way.to), &mut well);
                    let opened = well[0].0;
                    let mut items = 0;
                    for item in 0..ITEMS {
                        let mut inside = self.inside(knot, way.to);
                        let mut levels = inside.iter_mut();
                        let own = levels.rfind(|(level, _)| *level == Level::Items(way.to));
                        if let Some((_, number)) = own {
                            *number = item;
                        }
                        let to = self.knot(way.to, inside, false);
                        items |= self.edge(knot, to, EdgeKind::Flow);
                        well.push((opened | items, false));
                    }
                }
            }
        }
        let matched = self
            .topology
            .statements
            .iter()
            .find_map(|statement| match statement {
                Statement::Match { from, arms, .. } if *from == of => Some(arms),
                _ => None,
            });
        let go_on = |messages| Event::GoOn {
            messages,
            passes: 0,
        };
        if let Some(matched) = matched {
            let discards = matched.contains(&None);
            let events = arms.into_iter().map(go_on);
            self.net.knots[knot].events.extend(events);
            if discards {
                let quiet = self.quiet(knot);
                self.net.knots[knot].events.push(quiet);
            }
        } else {
            let all = arms.iter().fold(0, |all, bit| all | bit);
            let events = well.iter().map(|(bits, _)| go_on(bits | all));
            self.net.knots[knot].events.extend(events);
        }
        self.fails(knot);
    }

    /// The way past a nest, once for all that open it together.
    fn open(&mut self, knot: usize, level: Level, well: &mut [(Set, bool)]) {
        let Some(closer) = self.shape.closer(level) else {
            return;
        };
        if well[0].0 != 0 {
            return;
        }
        let inside = self.inside(knot, closer);
        let to = self.knot(closer, inside, false);
        let bit = self.edge(knot, to, EdgeKind::Flow);
        self.net.knots[knot].exits |= bit;
        match &mut self.net.knots[to].kind {
            KnotKind::Gather { open, .. } | KnotKind::Race { open, .. } => *open |= bit,
            _ => unreachable!("a closer gathers"),
        }
        well[0].0 = bit;
    }

    /// Where what this item, or arm, comes to is told from others.
    fn arrival(&mut self, knot: usize, closer: Node) -> usize {
        let here = self.net.knots[knot].inside.clone();
        let is_nest = |(level, _): &(Level, u8)| !matches!(level, Level::Loop(_));
        let innermost = here.iter().rposition(is_nest);
        let innermost = innermost.expect("what is closed is open");
        self.arrival_of(&here[..=innermost], closer, knot)
    }

    fn arrival_of(&mut self, inside: &[(Level, u8)], closer: Node, below: usize) -> usize {
        let before = self.net.knots.len();
        let arrival = self.knot(closer, inside.to_vec(), true);
        if self.net.knots.len() > before {
            let around = self.inside(below, closer);
            let to = self.knot(closer, around, false);
            let bit = self.edge(arrival, to, EdgeKind::Flow);
            let knot = &mut self.net.knots[arrival];
            knot.exits = bit;
            knot.events.push(Event::GoOn {
                messages: bit,
                passes: 0,
            });
        }
        arrival
    }

    /// Nothing, if the rounds are spent: the message fails.
    fn back(&mut self, knot: usize, way: &Way) -> Option<Set> {
        let mut inside = self.net.knots[knot].inside.clone();
        let position = inside
            .iter()
            .position(|(level, _)| *level == Level::Loop(way.to))?;
        inside.truncate(position + 1);
        if inside[position].1 == ROUNDS {
            return None;
        }
        inside[position].1 += 1;
        let to = self.knot(way.to, inside, false);
        Some(self.edge(knot, to, way.kind))
    }

    /// The branch ends here, and whoever follows is told.
    fn quiet(&self, knot: usize) -> Event {
        Event::GoOn {
            messages: 0,
            passes: self.net.knots[knot].exits,
        }
    }

    fn fails(&mut self, knot: usize) {
        let of = self.net.knots[knot].of;
        let outcome = self
            .topology
            .statements
            .iter()
            .find_map(|statement| match statement {
                Statement::Else { of: steps, outcome }
                    if self.topology.covered(steps).contains(&of) =>
                {
                    Some(*outcome)
                }
                _ => None,
            });
        let event = match outcome {
            None | Some(Outcome::Abort) => return,
            Some(Outcome::Fail) => {
                self.lose(knot);
                return;
            }
            Some(Outcome::Skip) => self.quiet(knot),
            Some(Outcome::Step(fallback)) => {
                let inside = self.inside(knot, fallback);
                let to = self.knot(fallback, inside, false);
                let messages = self.edge(knot, to, EdgeKind::Failure);
                let is_sink = self.shape.exits(fallback).next().is_none();
                let passes = if is_sink {
                    self.net.knots[knot].exits
                } else {
                    0
                };
                Event::GoOn { messages, passes }
            }
            Some(Outcome::Back(header)) => {
                let way = Way {
                    from: of,
                    to: header,
                    kind: EdgeKind::Failure,
                    border: Border::Back,
                };
                match self.back(knot, &way) {
                    Some(messages) => Event::GoOn {
                        messages,
                        passes: 0,
                    },
                    None => return,
                }
            }
            Some(Outcome::Instead(fallback)) => {
                let to = self.knot(fallback, Vec::new(), false);
                Event::BeginAnew(self.edge(knot, to, EdgeKind::Instead))
            }
        };
        self.net.knots[knot].events.push(event);
        self.net.knots[knot].failures.push(event);
    }

    /// In an arm of a race, a failure is that of the arm.
    fn lose(&mut self, knot: usize) {
        let inside = self.net.knots[knot].inside.clone();
        let is_arm = |(level, _): &(Level, u8)| matches!(level, Level::Arm { .. });
        let Some(arm) = inside.iter().rposition(is_arm) else {
            return;
        };
        let Some(closer) = self.shape.closer(inside[arm].0) else {
            return;
        };
        let arrival = self.arrival_of(&inside[..=arm], closer, knot);
        self.losers.push((knot, arrival));
    }

    /// What depends on all edges: what is inside of what.
    fn close(&mut self) {
        for (knot, arrival) in std::mem::take(&mut self.losers) {
            let inside = self.net.knots[arrival].inside.clone();
            let pass = self.edge(knot, arrival, EdgeKind::Flow);
            let event = Event::Lose {
                arm: arrival,
                inside: self.net.edges_inside(&inside),
                pass,
            };
            self.net.knots[knot].events.push(event);
            self.net.knots[knot].failures.push(event);
        }
        let arrivals = 0..self.net.knots.len();
        let arrivals = arrivals.filter(|&knot| self.net.knots[knot].kind == KnotKind::Arrival);
        for arrival in arrivals.collect::<Vec<_>>() {
            let within = self.net.knots[arrival].inside.clone();
            let own = self.net.edges_inside(&within);
            let arm = Arm {
                arrival: self.net.knots[arrival].exits,
                inside: own,
            };
            let exit = arm.arrival.trailing_zeros() as usize;
            let closer = self.net.edges[exit].to;
            match &mut self.net.knots[closer].kind {
                KnotKind::Gather { inside, .. } => *inside |= own,
                KnotKind::Race { arms, .. } => arms.push(arm),
                _ => unreachable!("a closer gathers"),
            }
        }
    }
}
