//! Topologies whose forks are joined and whose choices are merged: most of
//! them are sound.

use super::draft::{Draft, Tail};
use super::topology::{IN, Node, Operator, Outcome, Statement, Topology};

pub(crate) fn draw(mut draft: Draft) -> Topology {
    let most = draft.random.between(4, 9);
    let size = draft.random.between(2, most);
    let quiet = draft.random.pick(&[0, 0, 8, 25]);
    let tail = draft.region(Tail::one(IN), size);
    draft.finish(tail, quiet)
}

impl Draft {
    /// Draws about so many steps behind the tail.
    pub(crate) fn region(&mut self, mut tail: Tail, size: usize) -> Tail {
        let end = self.steps + size;
        while self.steps < end {
            let left = end - self.steps;
            if self.random.chance(self.nests) && left >= 3 {
                tail = self.nest(tail, left);
                continue;
            }
            tail = match self.random.below(12) {
                0..2 if left >= 3 => self.fork(tail, left),
                2..5 if left >= 3 => self.route(tail, left),
                5 if left >= 4 => self.crossing(tail),
                6 if left >= 6 => self.crossing_forks(tail),
                7..9 if left >= 2 => self.guarded(tail, left),
                9 if left >= 2 => self.aside(tail),
                _ => Tail::one(self.close(tail)),
            };
        }
        tail
    }

    /// Each of the new steps, and a part of what is left behind it.
    pub(crate) fn branches(&mut self, heads: &[Node], left: usize) -> Vec<Node> {
        let each = left.saturating_sub(heads.len()) / heads.len();
        heads
            .iter()
            .map(|&head| {
                let size = self.random.between(0, each);
                let tail = self.region(Tail::one(head), size);
                self.single(tail)
            })
            .collect()
    }

    pub(crate) fn fresh(&mut self, count: usize) -> Vec<Node> {
        (0..count).map(|_| self.step()).collect()
    }

    /// `-> a & b`, joined again.
    fn fork(&mut self, tail: Tail, left: usize) -> Tail {
        let count = self.random.between(2, 3);
        let heads = self.fresh(count);
        self.lead(tail, heads.clone());
        let mut ends = self.branches(&heads, left);
        self.random.shuffle(&mut ends);
        Tail::several(ends, Operator::Join)
    }

    /// A `match`, merged again.
    fn route(&mut self, tail: Tail, left: usize) -> Tail {
        let from = self.single(tail);
        let count = self.random.between(1, 3);
        let heads = self.fresh(count);
        let mut arms: Vec<_> = heads.iter().copied().map(Some).collect();
        if self.random.chance(25) {
            arms.push(None);
        }
        if self.random.chance(25) {
            arms.push(self.random.pick(&arms));
        }
        self.random.shuffle(&mut arms);
        self.statements.push(Statement::Match {
            from,
            arms,
            back: None,
        });
        let ends = self.branches(&heads, left.saturating_sub(1));
        Tail::several(ends, Operator::Merge)
    }

    /// `-> a & b -> c & d`: two joins of the same parts.
    fn crossing(&mut self, tail: Tail) -> Tail {
        let heads = self.fresh(2);
        self.lead(tail, heads.clone());
        let joins = self.fresh(2);
        self.lead(Tail::several(heads, Operator::Join), joins.clone());
        Tail::several(joins, Operator::Join)
    }

    /// Two forks, each of which brings one part of two joins.
    fn crossing_forks(&mut self, tail: Tail) -> Tail {
        let heads = self.fresh(2);
        self.lead(tail, heads.clone());
        let (one, other) = (self.fresh(2), self.fresh(2));
        self.lead(Tail::one(heads[0]), one.clone());
        self.lead(Tail::one(heads[1]), other.clone());
        let joins = [0, 1].map(|part| {
            let parts = vec![one[part], other[part]];
            self.close(Tail::several(parts, Operator::Join))
        });
        Tail::several(joins.to_vec(), Operator::Join)
    }

    /// Steps, one or some of which have a fallback that merges back behind.
    fn guarded(&mut self, tail: Tail, left: usize) -> Tail {
        let before = self.silent.clone();
        let size = self.random.between(1, (left - 1).min(3));
        let tail = if self.random.chance(70) {
            (0..size).fold(tail, |tail, _| Tail::one(self.close(tail)))
        } else {
            self.region(tail, size)
        };
        let end = self.single(tail);
        let mut guarded = self.silent.clone();
        guarded.retain(|step| !before.contains(step));
        if guarded.is_empty() {
            return Tail::one(end);
        }
        self.random.shuffle(&mut guarded);
        guarded.truncate(self.random.between(1, guarded.len()));
        let fallback = self.fallback();
        self.otherwise(guarded, Outcome::Step(fallback));
        let mut back = fallback;
        if self.random.chance(25) {
            back = self.close(Tail::one(fallback));
        }
        let ends = if self.random.chance(50) {
            vec![end, back]
        } else {
            vec![back, end]
        };
        Tail::several(ends, Operator::Merge)
    }

    /// `-> a & b`, of which one leads nowhere.
    fn aside(&mut self, tail: Tail) -> Tail {
        let heads = self.fresh(2);
        self.lead(tail, heads.clone());
        if self.random.chance(30) {
            let from = heads[1];
            let target = self.step();
            let arms = vec![Some(target), None];
            self.statements.push(Statement::Match {
                from,
                arms,
                back: None,
            });
        }
        Tail::one(heads[0])
    }
}
