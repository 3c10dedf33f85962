//! What all generators write with.

use super::numbers::Numbers;
use super::random::Random;
use super::topology::{
    Arrow, FIRST_STEP, Node, OUT, Operator, Outcome, Output, Statement, Topology,
};

/// A topology that is being drawn.
pub(crate) struct Draft {
    pub(crate) random: Random,
    pub(crate) statements: Vec<Statement>,
    pub(crate) steps: usize,
    /// The steps that may be given an `else`, or get the default's.
    pub(crate) silent: Vec<Node>,
    /// The fallbacks of `else instead` that nothing follows yet.
    pub(crate) insteads: Vec<Node>,
    /// A fallback that several steps share.
    shared: Option<Outcome>,
    /// The steps inside scopes, races and loops, where few failure routes may
    /// lead out again.
    pub(crate) nested: Vec<Node>,
    /// How many regions in a hundred are scopes, races and loops.
    pub(crate) nests: usize,
}

/// Where a part of a drawing ends.
#[derive(Clone)]
pub(crate) struct Tail {
    pub(crate) nodes: Vec<Node>,
    pub(crate) operator: Operator,
}

impl Tail {
    pub(crate) fn one(node: Node) -> Self {
        Self::several(vec![node], Operator::Merge)
    }

    pub(crate) fn several(nodes: Vec<Node>, operator: Operator) -> Self {
        Self { nodes, operator }
    }
}

impl Draft {
    pub(crate) fn new(random: Random) -> Self {
        Self {
            random,
            statements: Vec::new(),
            steps: 0,
            silent: Vec::new(),
            insteads: Vec::new(),
            shared: None,
            nested: Vec::new(),
            nests: 0,
        }
    }

    /// A new step.
    pub(crate) fn step(&mut self) -> Node {
        self.steps += 1;
        let step = FIRST_STEP + self.steps - 1;
        self.silent.push(step);
        step
    }

    /// A new step that takes failures, and says what becomes of its own.
    pub(crate) fn fallback(&mut self) -> Node {
        let step = self.step();
        self.silent.pop();
        let outcome = match self.random.below(10) {
            0 => Outcome::Skip,
            1 => Outcome::Abort,
            _ => Outcome::Fail,
        };
        self.otherwise(vec![step], outcome);
        step
    }

    pub(crate) fn otherwise(&mut self, of: Vec<Node>, outcome: Outcome) {
        self.silent.retain(|step| !of.contains(step));
        self.statements.push(Statement::Else { of, outcome });
    }

    pub(crate) fn lead(&mut self, tail: Tail, to: Vec<Node>) {
        let is_plain = tail.nodes.len() == 1 && to.len() == 1;
        let between_steps = tail.nodes[0] >= FIRST_STEP && to[0] >= FIRST_STEP;
        let arrow = if is_plain && between_steps && self.random.chance(15) {
            Arrow::Call
        } else {
            Arrow::Edge
        };
        self.statements.push(Statement::Chain {
            from: tail.nodes,
            operator: tail.operator,
            to,
            arrow,
        });
    }

    /// Leads a tail to one new step, which is the tail then.
    pub(crate) fn close(&mut self, tail: Tail) -> Node {
        let step = self.step();
        self.lead(tail, vec![step]);
        step
    }

    /// The tail as one step that nothing follows yet.
    pub(crate) fn single(&mut self, tail: Tail) -> Node {
        match tail.nodes[..] {
            [step] if step >= FIRST_STEP => step,
            _ => self.close(tail),
        }
    }

    /// Leads the tail, and every answer instead, to `out`, or ends them there.
    pub(crate) fn finish(mut self, tail: Tail, quiet: usize) -> Topology {
        let output = self.output(quiet);
        if output == Output::Never {
            self.single(tail);
        } else {
            let mut ends = match tail.operator {
                Operator::Merge if tail.nodes[0] >= FIRST_STEP => tail.nodes,
                _ => vec![self.single(tail)],
            };
            ends.append(&mut self.insteads);
            self.lead(Tail::several(ends, Operator::Merge), vec![OUT]);
        }
        self.done(output)
    }

    /// Whether there is an answer is what the last step decides.
    pub(crate) fn decide(mut self, last: Node) -> Topology {
        let mut arms = vec![Some(OUT)];
        for _ in 0..self.random.between(1, 3) {
            arms.push(match self.random.below(3) {
                0 => None,
                1 => Some(OUT),
                _ => Some(self.step()),
            });
        }
        self.statements.push(Statement::Match {
            from: last,
            arms,
            back: None,
        });
        let output = match self.output(0) {
            Output::Never => Output::Maybe,
            output => output,
        };
        self.done(output)
    }

    fn done(mut self, output: Output) -> Topology {
        self.random.shuffle(&mut self.statements);
        Topology {
            output,
            statements: self.statements,
            numbers: Numbers::default(),
        }
    }

    /// Says what becomes of failures, and then what the signature promises.
    fn output(&mut self, quiet: usize) -> Output {
        let may_end = self.failures(quiet) || self.discards();
        match self.random.below(100) {
            0..15 => Output::Never,
            15..40 => Output::Always,
            _ if may_end => Output::Maybe,
            40..60 => Output::Maybe,
            _ => Output::Always,
        }
    }

    /// Gives each step an `else` by which its branch ends quietly, in so many of
    /// a hundred cases, or another, or the default; `true` if any is quiet.
    fn failures(&mut self, quiet: usize) -> bool {
        let mut any_quiet = false;
        for step in self.silent.clone() {
            if self.random.chance(quiet) {
                any_quiet = true;
                self.quiet(step);
            } else if self.random.chance(20) {
                self.loud(step);
            }
        }
        self.default();
        any_quiet
    }

    fn discards(&self) -> bool {
        let mut statements = self.statements.iter();
        statements.any(|statement| match statement {
            Statement::Match { arms, .. } => arms.contains(&None),
            _ => false,
        })
    }

    /// An `else` by which the branch ends but not the message.
    fn quiet(&mut self, step: Node) {
        let is_nested = self.nested.contains(&step);
        let outcome = match (self.shared, self.random.below(4)) {
            // Outside of its nest nothing may take its failures; but few do not
            // know that.
            (_, 0..2) if is_nested && self.random.chance(90) => Outcome::Skip,
            (Some(shared), 0..2) => shared,
            (None, 0..2) => {
                let fallback = Outcome::Step(self.fallback());
                self.shared = Some(fallback);
                fallback
            }
            _ => Outcome::Skip,
        };
        self.share(step, outcome);
    }

    /// An `else` by which the message ends, or goes on as a whole.
    fn loud(&mut self, step: Node) {
        let outcome = match self.random.below(4) {
            0 => Outcome::Fail,
            1 => Outcome::Abort,
            2 if self.nested.contains(&step) => Outcome::Fail,
            _ => {
                let known = self.insteads.first().copied();
                let fallback = known.unwrap_or_else(|| self.fallback());
                if known.is_none() {
                    self.insteads.push(fallback);
                }
                Outcome::Instead(fallback)
            }
        };
        self.share(step, outcome);
    }

    /// Adds the step to the list with that outcome, or a statement of its own:
    /// either way it is one fallback.
    fn share(&mut self, step: Node, outcome: Outcome) {
        let lists = self.statements.iter_mut();
        let list = lists.filter_map(|statement| match statement {
            Statement::Else { of, outcome: other } if *other == outcome => Some(of),
            _ => None,
        });
        let list = list.last().filter(|_| self.random.chance(60));
        if let Some(list) = list {
            list.push(step);
            self.silent.retain(|other| *other != step);
        } else {
            self.otherwise(vec![step], outcome);
        }
    }

    fn default(&mut self) {
        if self.silent.is_empty() {
            return;
        }
        let outcome = match (self.random.below(20), self.shared, self.insteads.first()) {
            (0, _, _) => Outcome::Skip,
            (1, _, _) => Outcome::Abort,
            (2, Some(shared), _) => shared,
            (3, _, Some(&instead)) => Outcome::Instead(instead),
            _ => Outcome::Fail,
        };
        self.statements.push(Statement::Else {
            of: Vec::new(),
            outcome,
        });
    }
}
