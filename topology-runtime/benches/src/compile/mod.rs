//! What the macros cost whoever builds with them.

mod cargo;
mod crates;
mod expansion;

use std::io;

use self::cargo::{Crates, Verb};
use self::crates::Wiring;
use crate::measure::median;
use crate::settings::Settings;
use crate::table::{Table, ratio};

const SIZES: [usize; 3] = [10, 50, 200];

/// Seconds, by round.
#[derive(Default)]
struct Seconds {
    topology: Vec<f64>,
    hand: Vec<f64>,
}

impl Seconds {
    fn of(&mut self, wiring: Wiring) -> &mut Vec<f64> {
        match wiring {
            Wiring::Topology => &mut self.topology,
            Wiring::Hand => &mut self.hand,
        }
    }

    fn ratio(&self) -> f64 {
        let ratios = self.topology.iter().zip(&self.hand);
        median(ratios.map(|(topology, hand)| topology / hand))
    }

    fn row(&self, name: String) -> [String; 4] {
        let middle = |seconds: &[f64]| format!("{:.2}", median(seconds.iter().copied()));
        let (topology, hand) = (middle(&self.topology), middle(&self.hand));
        [name, topology, hand, ratio(self.ratio(), 1.0)]
    }
}

pub(crate) fn tables(settings: Settings) -> io::Result<()> {
    print!("{}", expansion::table().map_err(io::Error::other)?);
    let mut crates = Crates::write(&SIZES)?;
    let title = "seconds to build a chain: its dependencies are built";
    let columns = ["cargo", "topology", "by hand", "ratio"];
    let mut table = Table::new(title, columns);
    for verb in [Verb::Check, Verb::Build] {
        for steps in SIZES {
            let (mut clean, mut edited) = (Seconds::default(), Seconds::default());
            for _ in 0..rounds(settings) {
                for wiring in Wiring::ALL {
                    clean.of(wiring).push(crates.clean(wiring, steps, verb)?);
                    edited.of(wiring).push(crates.edited(wiring, steps, verb)?);
                }
            }
            let name = verb.name();
            table.row(clean.row(format!("{name}, {steps} steps, clean")));
            table.row(edited.row(format!("{name}, {steps} steps, one edited")));
        }
    }
    print!("{table}");
    Ok(())
}

/// How many times as long `cargo check` takes after one step of 50 was edited.
pub(crate) fn edited_check(settings: Settings) -> io::Result<f64> {
    let steps = 50;
    let mut crates = Crates::write(&[steps])?;
    let mut seconds = Seconds::default();
    for round in 0..=rounds(settings) {
        for wiring in Wiring::ALL {
            let took = crates.edited(wiring, steps, Verb::Check)?;
            if round > 0 {
                seconds.of(wiring).push(took);
            }
        }
    }
    Ok(seconds.ratio())
}

/// Builds take long, and differ less.
fn rounds(settings: Settings) -> usize {
    settings.rounds.div_ceil(3)
}
