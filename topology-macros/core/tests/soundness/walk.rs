//! Every marking that a net can reach, in every order of events.
//!
//! * A join takes one token of each part, and goes on with a message if there
//!   is one among them, and with a pass if not.
//! * A merge goes on with the first message. A second one is what
//!   `answered_twice` is about: it is noted and goes no further, so that one
//!   mistake is not found again behind it.
//! * A merge goes on with a pass only once no message can come any more, which
//!   is once no token is left upstream of it. In a net without cycles that
//!   moment always comes, unless a token waits at a join for ever.
//! * The results of a scope go on once no token is left in it, whatever they
//!   are; a race once enough arms have come to something, and what is left of
//!   the others goes, or once too few can: that is a failure of its step.
//! * A message that is answered has its fate: a failure behind the answer is
//!   reported, and begins nothing anew.

use std::collections::{BTreeMap, HashSet};

use super::drawn::topology::name;
use super::net::{Arm, Edge, Event, KnotKind, Net, Set};
use super::shape::EdgeKind;

/// Where all tokens of a message are, and which merges it has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Marking {
    messages: Set,
    passes: Set,
    came: Set,
}

/// What a walk has found, with a marking that shows each.
#[derive(Default)]
pub(crate) struct Findings {
    /// Joins at which a token waits when nothing can happen any more.
    pub(crate) waiting: BTreeMap<usize, Marking>,
    /// Merges, and `out`, that a message came to twice.
    pub(crate) twice: BTreeMap<usize, Marking>,
    /// An end without the answer that was promised.
    pub(crate) unanswered: Option<Marking>,
    /// A merge at which both a message and a pass came.
    pub(crate) both: Option<Marking>,
}

/// Walks all markings of a net; `None` if there are more than that.
pub(crate) fn walk(net: &Net, most: usize) -> Option<Findings> {
    let mut walk = Walk {
        net,
        seen: HashSet::new(),
        todo: Vec::new(),
        findings: Findings::default(),
    };
    walk.reach(Marking {
        messages: net.entrance(),
        passes: 0,
        came: 0,
    });
    while let Some(marking) = walk.todo.pop() {
        if walk.seen.len() > most {
            return None;
        }
        let mut is_final = true;
        for node in 0..net.knots.len() {
            is_final &= !walk.fire(node, marking);
        }
        if is_final {
            walk.end(marking);
        }
    }
    Some(walk.findings)
}

struct Walk<'a> {
    net: &'a Net,
    seen: HashSet<Marking>,
    todo: Vec<Marking>,
    findings: Findings,
}

impl Walk<'_> {
    fn reach(&mut self, marking: Marking) {
        if self.seen.insert(marking) {
            self.todo.push(marking);
        }
    }

    /// Lets everything happen that can happen next at the knot; `false` if
    /// nothing can.
    fn fire(&mut self, at: usize, marking: Marking) -> bool {
        let net = self.net;
        let knot = &net.knots[at];
        if marking.tokens() & knot.inputs == 0 {
            return false;
        }
        match &knot.kind {
            KnotKind::Join(parts) => self.join(at, parts, marking),
            KnotKind::Gather { open, inside } => self.gather(at, *open, *inside, marking),
            KnotKind::Race { open, needed, arms } => self.race(at, *open, *needed, arms, marking),
            KnotKind::Merge | KnotKind::Arrival => self.merge(at, marking),
        }
    }

    fn join(&mut self, at: usize, parts: &[Set], marking: Marking) -> bool {
        if parts.iter().any(|part| marking.tokens() & part == 0) {
            return false;
        }
        // Of a part that came by several ways, one is taken.
        let taken = parts.iter().map(|part| {
            let messages = marking.messages & part;
            let all = if messages == 0 {
                marking.passes & part
            } else {
                messages
            };
            bits(all).next().unwrap_or(0)
        });
        let taken = taken.fold(0, |all, bit| all | bit);
        let rest = marking.without(taken);
        if marking.messages & taken == 0 {
            self.reach(rest.with(0, self.net.knots[at].exits));
        } else {
            self.run(at, rest);
        }
        true
    }

    /// A nest that was not begun: `None` if it was, or still may be.
    fn pass_over(&mut self, at: usize, open: Set, marking: Marking) -> Option<bool> {
        let knot = &self.net.knots[at];
        if marking.came_to(at) {
            // It is decided, and whatever comes is late.
            self.reach(marking.without(knot.inputs));
            return Some(true);
        }
        if marking.messages & open != 0 {
            return None;
        }
        let is_settled = marking.tokens() & knot.upstream == 0;
        if is_settled {
            let rest = marking.without(knot.inputs).coming_to(at);
            self.reach(rest.with(0, knot.exits));
        }
        Some(is_settled)
    }

    fn gather(&mut self, at: usize, open: Set, inside: Set, marking: Marking) -> bool {
        if let Some(has_moved) = self.pass_over(at, open, marking) {
            return has_moved;
        }
        let is_settled = marking.tokens() & inside == 0;
        if is_settled {
            let rest = marking.without(self.net.knots[at].inputs);
            self.run(at, rest.coming_to(at));
        }
        is_settled
    }

    fn race(
        &mut self,
        at: usize,
        open: Set,
        needed: usize,
        arms: &[Arm],
        marking: Marking,
    ) -> bool {
        if let Some(has_moved) = self.pass_over(at, open, marking) {
            return has_moved;
        }
        let won = arms
            .iter()
            .filter(|arm| marking.messages & arm.arrival != 0);
        let lost = arms.iter().filter(|arm| marking.passes & arm.arrival != 0);
        let arrivals = self.net.knots[at].inputs;
        if won.count() >= needed {
            let losers = arms
                .iter()
                .filter(|arm| marking.messages & arm.arrival == 0);
            let left = losers.fold(0, |all, arm| all | arm.inside);
            self.run(at, marking.without(arrivals | left).coming_to(at));
            return true;
        }
        if arms.len() - lost.count() < needed {
            let left = arms.iter().fold(0, |all, arm| all | arm.inside);
            let rest = marking.without(arrivals | left).coming_to(at);
            let failures = &self.net.knots[at].failures;
            self.happen(failures, rest);
            return true;
        }
        false
    }

    fn merge(&mut self, at: usize, marking: Marking) -> bool {
        let knot = &self.net.knots[at];
        let messages = marking.messages & knot.inputs;
        let passes = marking.passes & knot.inputs;
        for message in bits(messages) {
            let rest = marking.without(message);
            if !marking.came_to(at) {
                let is_remembered = knot.inputs.count_ones() > 1
                    || at == self.net.out
                    || knot.kind == KnotKind::Arrival;
                let rest = if is_remembered {
                    rest.coming_to(at)
                } else {
                    rest
                };
                self.run(at, rest);
                continue;
            }
            if knot.minds_two {
                self.findings.twice.entry(at).or_insert(marking);
            }
            self.reach(rest);
        }
        let is_settled = messages == 0 && marking.tokens() & knot.upstream == 0;
        if is_settled && marking.came_to(at) {
            if at != self.net.out && knot.kind == KnotKind::Merge && knot.minds_two {
                self.findings.both.get_or_insert(marking);
            }
            self.reach(marking.without(passes));
        } else if is_settled {
            self.reach(marking.without(passes).with(0, knot.exits));
        }
        messages != 0 || is_settled
    }

    fn run(&mut self, at: usize, rest: Marking) {
        self.happen(&self.net.knots[at].events, rest);
        if at == self.net.out {
            self.reach(rest);
        }
    }

    fn happen(&mut self, events: &[Event], rest: Marking) {
        for event in events {
            match *event {
                Event::GoOn { messages, passes } => self.reach(rest.with(messages, passes)),
                Event::BeginAnew(_) if rest.came_to(self.net.out) => {}
                Event::BeginAnew(messages) => self.reach(Marking {
                    messages,
                    passes: 0,
                    came: 0,
                }),
                // What a winner leaves behind can make it lose no more.
                Event::Lose { arm, .. } if rest.came_to(arm) => self.reach(rest),
                Event::Lose { inside, pass, .. } => {
                    self.reach(rest.without(inside).with(0, pass));
                }
            }
        }
    }

    /// Nothing can happen any more.
    fn end(&mut self, marking: Marking) {
        let knots = self.net.knots.iter().enumerate();
        let waiting = knots.filter(|(_, knot)| {
            let waits = !matches!(knot.kind, KnotKind::Merge | KnotKind::Arrival);
            waits && marking.tokens() & knot.inputs != 0
        });
        let waiting: Vec<usize> = waiting.map(|(knot, _)| knot).collect();
        assert!(
            marking.tokens() == 0 || !waiting.is_empty(),
            "tokens wait only at joins, and behind them: {}",
            marking.show(self.net),
        );
        for &join in &waiting {
            self.findings.waiting.entry(join).or_insert(marking);
        }
        let is_answered = marking.came_to(self.net.out);
        if self.net.promised && waiting.is_empty() && !is_answered {
            self.findings.unanswered.get_or_insert(marking);
        }
    }
}

impl Marking {
    fn tokens(self) -> Set {
        self.messages | self.passes
    }

    fn without(self, edges: Set) -> Self {
        Self {
            messages: self.messages & !edges,
            passes: self.passes & !edges,
            ..self
        }
    }

    fn with(self, messages: Set, passes: Set) -> Self {
        let twice = self.tokens() & (messages | passes);
        assert!(
            twice == 0,
            "in one life a message crosses an edge once, and not {}",
            twice.trailing_zeros()
        );
        Self {
            messages: self.messages | messages,
            passes: self.passes | passes,
            ..self
        }
    }

    fn came_to(self, knot: usize) -> bool {
        self.came & (1 << knot) != 0
    }

    fn coming_to(self, knot: usize) -> Self {
        Self {
            came: self.came | 1 << knot,
            ..self
        }
    }

    /// The marking in words.
    pub(crate) fn show(self, net: &Net) -> String {
        let show = |what: &str, edges: Set| {
            let tokens = net.edges.iter().enumerate();
            let tokens = tokens.filter(move |(position, _)| edges & (1 << position) != 0);
            let what = what.to_owned();
            tokens.map(move |(_, edge)| format!("a {what} on `{}`", edge.show(net)))
        };
        let came = (0..net.knots.len()).filter(|&knot| self.came_to(knot));
        let came = came.map(|knot| format!("`{}` has had a message", name(net.knots[knot].of)));
        let messages = show("message", self.messages);
        let all: Vec<_> = messages
            .chain(show("pass", self.passes))
            .chain(came)
            .collect();
        if all.is_empty() {
            return "no token is left".to_owned();
        }
        all.join(", ")
    }
}

impl Edge {
    fn show(&self, net: &Net) -> String {
        let arrow = match self.kind {
            EdgeKind::Flow => "->",
            EdgeKind::Failure => "else",
            EdgeKind::Instead => "else instead",
        };
        let end = |knot: usize| name(net.knots[knot].of);
        format!("{} {arrow} {}", end(self.from), end(self.to))
    }
}

fn bits(mut edges: Set) -> impl Iterator<Item = Set> {
    std::iter::from_fn(move || {
        let lowest = edges & edges.wrapping_neg();
        edges ^= lowest;
        (lowest != 0).then_some(lowest)
    })
}
