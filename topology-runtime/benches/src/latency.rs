//! How long one message takes when there is no other.

use crate::contenders::{self, Contender, SENT};
use crate::measure::{Flavour, Runtimes, listening, median, quantile};
use crate::settings::Settings;
use crate::table::{Table, number, ratio};

/// The nanoseconds of the middle message, and of one in a hundred, by round.
#[derive(Clone, Default)]
pub(crate) struct Times {
    middle: Vec<f64>,
    late: Vec<f64>,
}

impl Times {
    pub(crate) fn middle(&self) -> f64 {
        median(self.middle.iter().copied())
    }

    fn late(&self) -> f64 {
        median(self.late.iter().copied())
    }

    /// The median of the ratios of the middles, round by round.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        median(self.middle.iter().zip(&other.middle).map(|(a, b)| a / b))
    }
}

/// Measures them side by side.
pub(crate) fn measure(
    runtimes: &Runtimes,
    contenders: &[Contender],
    flavour: Flavour,
    settings: Settings,
) -> Vec<Times> {
    let mut all = vec![Times::default(); contenders.len()];
    for _ in 0..settings.rounds {
        for (contender, times) in contenders.iter().zip(&mut all) {
            listening::listen(contender.is_listened_to);
            let messages = settings.messages / 4;
            let Some(mut taken) = (contender.one_by_one)(runtimes, flavour, messages) else {
                continue;
            };
            // The first warm it up.
            taken.drain(..taken.len() / 10);
            taken.sort_unstable();
            times.middle.push(quantile(&taken, 0.5));
            times.late.push(quantile(&taken, 0.99));
        }
    }
    listening::listen(false);
    all
}

pub(crate) fn table(runtimes: &Runtimes, settings: Settings) -> Table {
    let mut contenders = contenders::all();
    // All topologies are sent to here, and what has no tasks has no latency.
    contenders.retain(|contender| contender.name != SENT && !contender.name.starts_with("steps"));
    let columns = Flavour::ALL.iter().flat_map(|flavour| {
        let name = flavour.name();
        [&format!("{name}: p50"), "x bare", "p99", "x bare"].map(str::to_owned)
    });
    let mut table = Table::new(
        "one message in flight through 3 stages, 8 B, wall",
        std::iter::once("ns".to_owned()).chain(columns),
    );
    let all = Flavour::ALL.map(|flavour| measure(runtimes, &contenders, flavour, settings));
    for (at, contender) in contenders.iter().enumerate() {
        let cells = all.iter().flat_map(|times| {
            let (own, bare) = (&times[at], &times[0]);
            [
                number(own.middle()),
                ratio(own.ratio(bare), 1.0),
                number(own.late()),
                ratio(own.late(), bare.late()),
            ]
        });
        table.row(std::iter::once(contender.name.to_owned()).chain(cells));
    }
    table
}
