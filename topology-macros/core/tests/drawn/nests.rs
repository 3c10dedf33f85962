//! Races, scopes and loops with whatever inside, each closed again.

use super::draft::{Draft, Tail};
use super::topology::{Arrow, FIRST_STEP, Node, Operator, Outcome, Statement};

impl Draft {
    /// A race, a scope or a loop, of about so many steps at most.
    pub(crate) fn nest(&mut self, tail: Tail, left: usize) -> Tail {
        let first = self.steps;
        let tail = match self.random.below(8) {
            0..2 => self.race(tail, left),
            2..4 => self.scope(tail, left),
            4 => self.sinking_scope(tail, left),
            _ => self.repeated(tail, left),
        };
        self.nested
            .extend(FIRST_STEP + first..FIRST_STEP + self.steps);
        tail
    }

    /// `-> a ^ b -> c`
    fn race(&mut self, tail: Tail, left: usize) -> Tail {
        let arms = self.random.between(2, 3);
        let heads = self.fresh(arms);
        self.chain(tail, heads.clone(), Arrow::Race);
        let ends = self.branches(&heads, left.saturating_sub(1));
        let winners = self.random.pick(&[1, 1, 1, 2]);
        let tail = Tail::several(ends, Operator::Race(winners));
        Tail::one(self.close(tail))
    }

    /// `-> each a -> all b`
    fn scope(&mut self, tail: Tail, left: usize) -> Tail {
        let from = self.single(tail);
        let head = self.step();
        self.chain(Tail::one(from), vec![head], Arrow::Each);
        let end = self.branches(&[head], left.saturating_sub(2))[0];
        let closer = self.step();
        self.chain(Tail::one(end), vec![closer], Arrow::All);
        Tail::one(closer)
    }

    /// `-> a & b`, of which one leads to items that end.
    fn sinking_scope(&mut self, tail: Tail, left: usize) -> Tail {
        let heads = self.fresh(2);
        self.lead(tail, heads.clone());
        let item = self.step();
        self.chain(Tail::one(heads[1]), vec![item], Arrow::Each);
        if left > 4 && self.random.chance(50) {
            self.close(Tail::one(item));
        }
        Tail::one(heads[0])
    }

    /// A loop: its header, a body, and a choice to go back or on.
    fn repeated(&mut self, tail: Tail, left: usize) -> Tail {
        // What comes back is no part of a join.
        let before = self.single(tail);
        let header = self.close(Tail::one(before));
        let end = self.branches(&[header], left.saturating_sub(1))[0];
        if end != header && self.random.chance(25) {
            return self.tried_again(header, end);
        }
        let next = self.step();
        let mut arms = vec![Some(next)];
        if self.random.chance(15) {
            arms.push(None);
        }
        self.statements.push(Statement::Match {
            from: end,
            arms,
            back: Some(header),
        });
        Tail::one(next)
    }

    /// A loop whose last step goes back when it fails.
    fn tried_again(&mut self, header: Node, end: Node) -> Tail {
        if !self.silent.contains(&end) || !self.silent.contains(&header) {
            return Tail::one(end);
        }
        self.otherwise(vec![header], Outcome::Fail);
        self.otherwise(vec![end], Outcome::Back(header));
        Tail::one(end)
    }

    fn chain(&mut self, tail: Tail, to: Vec<Node>, arrow: Arrow) {
        self.statements.push(Statement::Chain {
            from: tail.nodes,
            operator: tail.operator,
            to,
            arrow,
        });
    }
}
