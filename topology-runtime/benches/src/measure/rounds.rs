//! Many runs, side by side.

use std::io::{IsTerminal, Write, stderr};

use super::{Cost, Runtimes, listening, median};
use crate::contenders::Contender;
use crate::work::Case;

/// What each round of each contender cost, for each case.
pub(crate) struct Rounds {
    /// By contender, by case, by round.
    costs: Vec<Vec<Vec<Cost>>>,
}

impl Rounds {
    /// Runs every case of every contender once to warm up, and then once in
    /// each round: what disturbs the machine for a while disturbs all.
    pub(crate) fn run(
        runtimes: &Runtimes,
        contenders: &[Contender],
        cases: &[Case],
        rounds: usize,
    ) -> Self {
        let mut costs = vec![vec![Vec::new(); cases.len()]; contenders.len()];
        for round in 0..=rounds {
            for (contender, costs) in contenders.iter().zip(&mut costs) {
                listening::listen(contender.is_listened_to);
                for (case, costs) in cases.iter().zip(costs) {
                    progress(round, rounds, contender.name);
                    let cost = (contender.run)(runtimes, *case);
                    costs.extend(cost.filter(|_| round > 0));
                }
            }
        }
        listening::listen(false);
        clear();
        Self { costs }
    }

    /// The median, of what `of` picks.
    pub(crate) fn median(&self, contender: usize, case: usize, of: fn(&Cost) -> f64) -> f64 {
        median(self.costs[contender][case].iter().map(of))
    }

    /// The median of what a hop costs more: the difference between two cases
    /// of one round, for each of so many hops that the second has more.
    pub(crate) fn slope(
        &self,
        contender: usize,
        [short, long]: [usize; 2],
        hops: f64,
        of: fn(&Cost) -> f64,
    ) -> f64 {
        let costs = &self.costs[contender];
        let pairs = costs[short].iter().zip(&costs[long]);
        median(pairs.map(|(short, long)| (of(long) - of(short)) / hops))
    }

    /// The median of the ratios to another contender in the same round.
    pub(crate) fn ratio(
        &self,
        contender: usize,
        other: usize,
        case: usize,
        of: fn(&Cost) -> f64,
    ) -> f64 {
        let (costs, others) = (&self.costs[contender][case], &self.costs[other][case]);
        median(
            costs
                .iter()
                .zip(others)
                .map(|(cost, other)| of(cost) / of(other)),
        )
    }
}

/// Says on a terminal that there is something going on.
pub(crate) fn progress(round: usize, rounds: usize, name: &str) {
    if stderr().is_terminal() {
        eprint!("\r\x1b[Kround {round} of {rounds}: {name}");
        let _ = stderr().flush();
    }
}

fn clear() {
    if stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}
