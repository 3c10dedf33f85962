//! Which boundaries are restarted when one has ended, and when that was once too
//! often.
//!
//! As in OTP's supervisors (<https://www.erlang.org/doc/system/sup_princ.html>): a
//! boundary that ends more often than it may within a time is given up, which ends
//! the one around it; and the topology is around all.

use std::collections::VecDeque;

use tokio::time::Instant;

use crate::boundary::{BoundarySpec, Strategy};

pub(crate) struct Tree {
    specs: &'static [BoundarySpec],
    /// Of the boundaries that are inside no other.
    strategy: Strategy,
    /// By boundary: when it has ended, as far back as that counts.
    ends: Vec<VecDeque<Instant>>,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// These are restarted, in this order, because this boundary counts as ended.
    /// What runs of them is ended first.
    Restart(usize, Vec<usize>),
    /// The topology is given up, because of this boundary.
    GiveUp(usize),
}

impl Tree {
    pub(crate) fn new(specs: &'static [BoundarySpec], strategy: Strategy) -> Self {
        Self {
            specs,
            strategy,
            ends: specs.iter().map(|_| VecDeque::new()).collect(),
        }
    }

    /// A boundary has ended, or has failed as if it had.
    pub(crate) fn ended(&mut self, boundary: usize, now: Instant) -> Verdict {
        let restart = self.specs[boundary].limit();
        let ends = &mut self.ends[boundary];
        ends.push_back(now);
        while ends
            .front()
            .is_some_and(|end| now.duration_since(*end) >= restart.within)
        {
            ends.pop_front();
        }
        if ends.len() <= restart.times {
            let restarted = self.with(boundary);
            self.begin_anew(&restarted);
            return Verdict::Restart(boundary, restarted);
        }
        // What the one around it begins is another one.
        ends.clear();
        match self.specs[boundary].outer {
            Some(outer) => self.ended(outer, now),
            None => Verdict::GiveUp(boundary),
        }
    }

    /// What begins with the boundary around it is another one: how often the one
    /// before has ended does not count.
    fn begin_anew(&mut self, restarted: &[usize]) {
        for &boundary in restarted {
            let outer = self.specs[boundary].outer;
            if outer.is_some_and(|outer| restarted.contains(&outer)) {
                self.ends[boundary].clear();
            }
        }
    }

    /// What is restarted with a boundary, and what is inside of that.
    fn with(&self, boundary: usize) -> Vec<usize> {
        let outer = self.specs[boundary].outer;
        let strategy = outer.map_or(self.strategy, |outer| self.specs[outer].strategy);
        let is_chosen = |other: usize| match strategy {
            Strategy::OneForOne => other == boundary,
            Strategy::RestForOne => other >= boundary,
            Strategy::OneForAll => true,
        };
        let is_meant = |mut other: usize| {
            loop {
                if self.specs[other].outer == outer && is_chosen(other) {
                    return true;
                }
                match self.specs[other].outer {
                    Some(around) => other = around,
                    None => return false,
                }
            }
        };
        (0..self.specs.len())
            .filter(|other| is_meant(*other))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// `a { b { c }, d }, e`, each of which may be restarted twice within a second.
    static BOUNDARIES: [BoundarySpec; 5] = [
        of("a", None),
        of("b", Some(0)),
        of("c", Some(1)),
        of("d", Some(0)),
        of("e", None),
    ];

    const fn of(name: &'static str, outer: Option<usize>) -> BoundarySpec {
        let spec = BoundarySpec::process(name).restart(2, Duration::from_secs(1));
        match outer {
            Some(outer) => spec.within(outer),
            None => spec,
        }
    }

    /// Each strategy for all that is restarted with something.
    fn restarted(strategy: Strategy, boundary: usize) -> Verdict {
        let specs = BOUNDARIES.map(|spec| spec.strategy(strategy));
        let mut tree = Tree::new(Box::leak(Box::new(specs)), strategy);
        tree.ended(boundary, Instant::now())
    }

    fn restart(boundary: usize, with: &[usize]) -> Verdict {
        Verdict::Restart(boundary, with.to_vec())
    }

    #[test]
    fn each_is_restarted_with_what_is_inside() {
        let restarted = |boundary| restarted(Strategy::OneForOne, boundary);
        assert_eq!(restarted(0), restart(0, &[0, 1, 2, 3]));
        assert_eq!(restarted(1), restart(1, &[1, 2]));
        assert_eq!(restarted(2), restart(2, &[2]));
        assert_eq!(restarted(4), restart(4, &[4]));
    }

    #[test]
    fn rest_for_one_restarts_what_is_declared_behind_it_in_the_same_boundary() {
        let restarted = |boundary| restarted(Strategy::RestForOne, boundary);
        assert_eq!(restarted(0), restart(0, &[0, 1, 2, 3, 4]));
        assert_eq!(restarted(1), restart(1, &[1, 2, 3]));
        assert_eq!(restarted(3), restart(3, &[3]));
        assert_eq!(restarted(4), restart(4, &[4]));
    }

    #[test]
    fn one_for_all_restarts_all_in_the_same_boundary() {
        let restarted = |boundary| restarted(Strategy::OneForAll, boundary);
        assert_eq!(restarted(4), restart(4, &[0, 1, 2, 3, 4]));
        assert_eq!(restarted(3), restart(3, &[1, 2, 3]));
        assert_eq!(restarted(2), restart(2, &[2]));
    }

    #[test]
    fn too_many_ends_within_the_time_are_the_end_of_what_is_around() {
        let mut tree = Tree::new(&BOUNDARIES, Strategy::OneForOne);
        let now = Instant::now();
        let mut end_of_c = || tree.ended(2, now);
        assert_eq!(end_of_c(), restart(2, &[2]));
        assert_eq!(end_of_c(), restart(2, &[2]));
        // The third is one of `b`, and counts from anew.
        assert_eq!(end_of_c(), restart(1, &[1, 2]));
        for _ in 0..2 {
            assert_eq!(end_of_c(), restart(2, &[2]));
        }
        assert_eq!(end_of_c(), restart(1, &[1, 2]));
        for _ in 0..2 {
            assert_eq!(end_of_c(), restart(2, &[2]));
        }
        // The third of `b` is one of `a`.
        assert_eq!(end_of_c(), restart(0, &[0, 1, 2, 3]));
        let mut last = end_of_c();
        let mut ends = 1;
        while last != Verdict::GiveUp(0) {
            last = end_of_c();
            ends += 1;
        }
        assert_eq!(
            ends,
            2 * 9,
            "three of `a`, of three of `b`, of three of `c` each"
        );
    }

    #[test]
    fn what_begins_with_the_one_around_it_has_not_ended_yet() {
        let mut tree = Tree::new(&BOUNDARIES, Strategy::OneForOne);
        let now = Instant::now();
        for _ in 0..2 {
            assert_eq!(tree.ended(2, now), restart(2, &[2]));
            assert_eq!(tree.ended(3, now), restart(3, &[3]));
        }
        assert_eq!(tree.ended(1, now), restart(1, &[1, 2]));
        for _ in 0..2 {
            assert_eq!(tree.ended(2, now), restart(2, &[2]));
        }
        // `d` is beside it, and has ended as often as before.
        assert_eq!(tree.ended(3, now), restart(0, &[0, 1, 2, 3]));
    }

    #[test]
    fn threads_around_processes_count_their_ends() {
        static GROUP: [BoundarySpec; 3] = [
            BoundarySpec::thread("group")
                .restart(1, Duration::from_secs(1))
                .strategy(Strategy::OneForAll),
            BoundarySpec::process("a")
                .restart(0, Duration::from_secs(1))
                .within(0),
            BoundarySpec::process("b").within(0),
        ];
        let mut tree = Tree::new(&GROUP, Strategy::OneForOne);
        let now = Instant::now();
        assert_eq!(tree.ended(2, now), restart(2, &[1, 2]));
        assert_eq!(tree.ended(1, now), restart(0, &[0, 1, 2]));
        assert_eq!(tree.ended(1, now), Verdict::GiveUp(0));
    }

    #[test]
    fn what_lies_back_longer_does_not_count() {
        let mut tree = Tree::new(&BOUNDARIES, Strategy::OneForOne);
        let start = Instant::now();
        for end in 0..100 {
            let now = start + Duration::from_millis(500 * end);
            assert_eq!(tree.ended(4, now), restart(4, &[4]), "{end}");
        }
        let last = start + Duration::from_millis(500 * 99);
        assert_eq!(tree.ended(4, last), Verdict::GiveUp(4));
    }

    #[test]
    fn what_may_not_be_restarted_is_given_up_at_once() {
        static ONCE: [BoundarySpec; 1] =
            [BoundarySpec::process("once").restart(0, Duration::from_secs(1))];
        let mut tree = Tree::new(&ONCE, Strategy::OneForOne);
        assert_eq!(tree.ended(0, Instant::now()), Verdict::GiveUp(0));
    }
}
