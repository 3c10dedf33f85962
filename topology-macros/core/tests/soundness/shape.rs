//! Who leads where, and what each node is inside: scopes, arms of races, loops.

use super::drawn::topology::{
    Arrow, FIRST_STEP, IN, Node, OUT, Operator, Outcome, Statement, Topology,
};

/// A topology's ways from node to node.
pub(crate) struct Shape {
    pub(crate) ways: Vec<Way>,
    /// By node, from the outermost.
    pub(crate) levels: Vec<Vec<Level>>,
    /// Whether everything that is opened is closed, each from one place.
    pub(crate) fits: bool,
    /// The joins, one bit each.
    joins: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) from: Node,
    pub(crate) to: Node,
    pub(crate) kind: EdgeKind,
    pub(crate) border: Border,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EdgeKind {
    Flow,
    Failure,
    Instead,
}

/// What a way crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Border {
    Nothing,
    /// Into an arm of the race that is known by its first arm.
    Start(Node),
    /// Out of an arm, to where so many win.
    Finish(usize),
    Each,
    All,
    /// Back to a header.
    Back,
}

/// What a node is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Level {
    /// The items that come to this node.
    Items(Node),
    Arm {
        race: Node,
        arm: Node,
    },
    /// The loop of this header.
    Loop(Node),
}

impl Shape {
    pub(crate) fn of(topology: &Topology) -> Self {
        let last = topology.steps().last().copied().unwrap_or(OUT);
        let mut shape = Self {
            ways: Vec::new(),
            levels: vec![Vec::new(); last + 1],
            fits: true,
            joins: 0,
        };
        for statement in &topology.statements {
            shape.draw(topology, statement);
        }
        shape.look_inside();
        shape
    }

    fn draw(&mut self, topology: &Topology, statement: &Statement) {
        match statement {
            Statement::Chain {
                from,
                operator,
                to,
                arrow,
            } => {
                let border = match (arrow, operator) {
                    (Arrow::Race, _) => Border::Start(to[0]),
                    (Arrow::Each, _) => Border::Each,
                    (Arrow::All, _) => Border::All,
                    (_, Operator::Race(needed)) if from.len() > 1 => Border::Finish(*needed),
                    _ => Border::Nothing,
                };
                for &target in to {
                    if *operator == Operator::Join && from.len() > 1 {
                        self.joins |= 1 << target;
                    }
                    for &source in from {
                        self.way(source, target, EdgeKind::Flow, border);
                    }
                }
            }
            Statement::Match { from, arms, back } => {
                let mut targets: Vec<Node> = arms.iter().flatten().copied().collect();
                targets.sort_unstable();
                targets.dedup();
                for target in targets {
                    self.way(*from, target, EdgeKind::Flow, Border::Nothing);
                }
                if let Some(header) = *back {
                    self.way(*from, header, EdgeKind::Flow, Border::Back);
                }
            }
            Statement::Else { of, outcome } => {
                let (kind, border) = match outcome {
                    Outcome::Step(_) => (EdgeKind::Failure, Border::Nothing),
                    Outcome::Back(_) => (EdgeKind::Failure, Border::Back),
                    Outcome::Instead(_) => (EdgeKind::Instead, Border::Nothing),
                    Outcome::Fail | Outcome::Skip | Outcome::Abort => return,
                };
                for step in topology.covered(of) {
                    if let Some(to) = outcome.fallback() {
                        self.way(step, to, kind, border);
                    }
                }
            }
        }
    }

    fn way(&mut self, from: Node, to: Node, kind: EdgeKind, border: Border) {
        self.ways.push(Way {
            from,
            to,
            kind,
            border,
        });
    }

    fn forward(&self) -> impl Iterator<Item = &Way> {
        self.ways.iter().filter(|way| way.border != Border::Back)
    }

    /// By node: those that it leads to, back edges aside, itself included.
    fn reach(&self) -> Vec<u64> {
        let mut reach: Vec<u64> = (0..self.levels.len()).map(|node| 1 << node).collect();
        for _ in 0..self.levels.len() {
            for way in self.forward() {
                reach[way.from] |= reach[way.to];
            }
        }
        reach
    }

    /// Whether messages come to every step, and go in circles by back edges
    /// alone.
    pub(crate) fn is_drawable(&self, steps: impl IntoIterator<Item = Node>) -> bool {
        let reach = self.reach();
        let mut steps = steps.into_iter();
        let has_cycle = self
            .forward()
            .any(|way| reach[way.to] & (1 << way.from) != 0);
        !has_cycle && steps.all(|step| reach[IN] & (1 << step) != 0)
    }

    pub(crate) fn exits(&self, node: Node) -> impl Iterator<Item = &Way> {
        let ways = self.ways.iter();
        ways.filter(move |way| way.from == node && way.kind == EdgeKind::Flow)
    }

    /// Whether a branch only ends there: it may come from anywhere.
    pub(crate) fn is_quiet(&self, node: Node) -> bool {
        let mut entries = self.ways.iter().filter(|way| way.to == node);
        let by_failure = entries.all(|way| way.kind != EdgeKind::Flow);
        by_failure && node >= FIRST_STEP && self.exits(node).next().is_none()
    }

    /// Whether everything behind a node comes to sinks by itself.
    pub(crate) fn only_ends(&self, node: Node) -> bool {
        let behind = self.reach()[node];
        let is_behind = |node: Node| behind & (1 << node) != 0;
        let mut joins = (0..self.levels.len()).filter(|&node| self.joins & (1 << node) != 0);
        let closes =
            |way: &Way| matches!(way.border, Border::All | Border::Finish(_) | Border::Back);
        !is_behind(OUT)
            && !joins.any(is_behind)
            && !self
                .ways
                .iter()
                .any(|way| closes(way) && is_behind(way.from))
    }

    fn look_inside(&mut self) {
        let reach = self.reach();
        let leads = |from: Node, to: Node| reach[from] & (1 << to) != 0;
        let mut backs = self.ways.clone();
        backs.retain(|way| way.border == Border::Back);
        let in_loop = |header: Node, node: Node| {
            let mut own = backs.iter().filter(|back| back.to == header);
            own.any(|back| leads(header, node) && leads(node, back.from))
        };
        let mut order: Vec<Node> = (0..self.levels.len()).collect();
        order.sort_by_key(|&node| std::cmp::Reverse(reach[node].count_ones()));
        let mut seen = vec![false; self.levels.len()];
        for node in order {
            let entries: Vec<Way> = self
                .forward()
                .copied()
                .filter(|way| way.to == node)
                .collect();
            for way in entries {
                let Some(levels) = self.behind(&way, &in_loop) else {
                    self.fits = false;
                    continue;
                };
                if !std::mem::replace(&mut seen[node], true) {
                    self.levels[node] = levels;
                } else if levels != self.levels[node] && !self.is_quiet(node) {
                    self.fits = false;
                }
            }
        }
        self.fits &= self.levels[OUT].is_empty();
        self.fits &= backs.iter().all(|back| {
            let header = &self.levels[back.to];
            self.levels[back.from] == *header && header.last() == Some(&Level::Loop(back.to))
        });
        self.fits &= self.ways.iter().all(|way| match way.border {
            Border::Start(race) => self.closer(Level::Arm { race, arm: way.to }).is_some(),
            _ => true,
        });
    }

    /// What a way leads into; `None` if it closes what is not open.
    fn behind(&self, way: &Way, in_loop: &dyn Fn(Node, Node) -> bool) -> Option<Vec<Level>> {
        if way.kind == EdgeKind::Instead {
            return Some(Vec::new());
        }
        let mut levels = self.levels[way.from].clone();
        let leave = |levels: &mut Vec<Level>| {
            while let Some(&Level::Loop(header)) = levels.last()
                && !in_loop(header, way.to)
            {
                levels.pop();
            }
        };
        leave(&mut levels);
        match (way.border, levels.last()) {
            (Border::All, Some(Level::Items(_))) | (Border::Finish(_), Some(Level::Arm { .. })) => {
                levels.pop();
                leave(&mut levels);
            }
            (Border::All | Border::Finish(_), _) => return None,
            (Border::Each, _) => levels.push(Level::Items(way.to)),
            (Border::Start(race), _) => levels.push(Level::Arm { race, arm: way.to }),
            (Border::Nothing | Border::Back, _) => {}
        }
        if in_loop(way.to, way.to) {
            levels.push(Level::Loop(way.to));
        }
        let is_left =
            |level: &Level| matches!(level, Level::Loop(header) if !in_loop(*header, way.to));
        (!levels.iter().any(is_left)).then_some(levels)
    }

    /// Where a scope is collected, or a race ends.
    pub(crate) fn closer(&self, level: Level) -> Option<Node> {
        let mut closing = self.ways.iter().filter(|way| {
            let is_closing = matches!(way.border, Border::All | Border::Finish(_));
            let inside = self.levels[way.from].iter().rev();
            let mut inside = inside.filter(|level| !matches!(level, Level::Loop(_)));
            let is_same = |other: &Level| match (*other, level) {
                (Level::Arm { race: one, .. }, Level::Arm { race: other, .. }) => one == other,
                (one, other) => one == other,
            };
            is_closing && inside.next().is_some_and(is_same)
        });
        closing.next().map(|way| way.to)
    }
}
