//! Topologies that join and merge whatever is there: few of them are sound,
//! and few of their forms would occur to anybody.

use super::draft::{Draft, Tail};
use super::topology::{IN, Node, Operator, Outcome, Statement, Topology};

pub(crate) fn draw(mut draft: Draft) -> Topology {
    let most = draft.random.between(4, 10);
    let size = draft.random.between(2, most);
    // Without choices and merges everything comes together; with few of them
    // most mistakes are found one at a time.
    let taste = Taste {
        joins: draft.random.pick(&[40, 75, 100]),
        choices: draft.random.pick(&[0, 15, 35]),
    };
    let first = draft.random.between(1, 3);
    let mut open: Vec<Node> = (0..first).map(|_| draft.step()).collect();
    draft.lead(Tail::one(IN), open.clone());
    while draft.steps < size {
        draft.grow(&mut open, &taste);
    }
    draft.gather(open, &taste)
}

/// What a topology has much of, in hundredths.
struct Taste {
    joins: usize,
    choices: usize,
}

impl Draft {
    fn grow(&mut self, open: &mut Vec<Node>, taste: &Taste) {
        if self.random.chance(taste.choices) {
            if self.random.chance(40) {
                self.fall_back(open);
            } else {
                self.choose(open);
            }
            return;
        }
        let tail = self.some(open, taste);
        let count = self.random.pick(&[1, 1, 2, 2, 3]);
        let targets: Vec<_> = (0..count).map(|_| self.step()).collect();
        open.extend(&targets);
        self.lead(tail, targets);
    }

    /// Some of the open ends, together.
    fn some(&mut self, open: &mut Vec<Node>, taste: &Taste) -> Tail {
        let most = open.len().min(3);
        let count = self.random.between(1, most);
        let nodes = (0..count).map(|_| self.random.take(open)).collect();
        let operator = if self.random.chance(taste.joins) {
            Operator::Join
        } else {
            Operator::Merge
        };
        Tail::several(nodes, operator)
    }

    fn choose(&mut self, open: &mut Vec<Node>) {
        let from = self.random.take(open);
        let count = self.random.between(1, 4);
        let mut arms: Vec<Option<Node>> = Vec::new();
        for _ in 0..count {
            arms.push(match self.random.below(6) {
                0 => None,
                1 if !arms.is_empty() => self.random.pick(&arms),
                _ => Some(self.step()),
            });
        }
        let mut targets: Vec<_> = arms.iter().flatten().copied().collect();
        targets.sort_unstable();
        targets.dedup();
        open.extend(targets);
        if open.is_empty() {
            let target = self.step();
            arms.push(Some(target));
            open.push(target);
        }
        self.statements.push(Statement::Match {
            from,
            arms,
            back: None,
        });
    }

    /// Gives some step a fallback that leads on.
    fn fall_back(&mut self, open: &mut Vec<Node>) {
        if self.silent.is_empty() {
            return self.choose(open);
        }
        let count = self.random.between(1, self.silent.len().min(2));
        let mut silent = self.silent.clone();
        let of = (0..count).map(|_| self.random.take(&mut silent)).collect();
        let fallback = self.fallback();
        if self.random.chance(25) {
            self.otherwise(of, Outcome::Instead(fallback));
            self.insteads.push(fallback);
        } else {
            self.otherwise(of, Outcome::Step(fallback));
            open.push(fallback);
        }
    }

    /// Brings the open ends together; some stay ends.
    fn gather(mut self, mut open: Vec<Node>, taste: &Taste) -> Topology {
        while open.len() > 3 || open.len() > 1 && self.random.chance(30) {
            let tail = self.some(&mut open, taste);
            if self.random.chance(80) || open.is_empty() {
                let step = self.close(tail);
                open.push(step);
            }
        }
        let quiet = self.random.pick(&[0, 0, 10]);
        let operator = if self.random.chance(taste.joins) {
            Operator::Join
        } else {
            Operator::Merge
        };
        if open.len() == 1 && self.random.chance(15) {
            return self.decide(open[0]);
        }
        self.finish(Tail::several(open, operator), quiet)
    }
}
