//! Calls that are answered: what one costs, with one caller and with many.

mod asked;
mod by_hand;
mod frameworks;
mod ours;

use crate::contenders::{BARE, FRAMEWORKS, HAND, HAND_SILENT, SAMPLED, SILENT, SOME, UNSAMPLED};
use crate::measure::{Cost, Flavour, Runtimes, listening, median};
use crate::ours::Sampling;
use crate::settings::Settings;
use crate::table::{Table, number, ratio};

/// Something that can be called.
struct Callee {
    name: &'static str,
    is_listened_to: bool,
    run: fn(&Runtimes, Load) -> Cost,
}

/// How it is called.
#[derive(Clone, Copy)]
struct Load {
    flavour: Flavour,
    callers: u64,
    calls: u64,
}

const ACTIX: &str = "actix send";

const CALLERS: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// In the order of the tables; the first is what the others are compared with.
fn all() -> Vec<Callee> {
    let [kameo, ractor, _, tower] = FRAMEWORKS;
    let callee = |name, is_listened_to, run| Callee {
        name,
        is_listened_to,
        run,
    };
    vec![
        callee(BARE, false, by_hand::bare),
        callee(HAND_SILENT, false, by_hand::contract),
        callee(HAND, true, by_hand::contract),
        callee(SILENT, false, |r, load| ours::call(r, load, Sampling::All)),
        callee(UNSAMPLED, true, |r, load| {
            ours::call(r, load, Sampling::None)
        }),
        callee(SOME, true, |r, load| {
            ours::call(r, load, Sampling::OneIn128)
        }),
        callee(SAMPLED, true, |r, load| ours::call(r, load, Sampling::All)),
        callee(kameo, false, frameworks::kameo),
        callee(ractor, false, frameworks::ractor),
        callee(ACTIX, false, frameworks::actix),
        callee(tower, false, frameworks::tower),
    ]
}

/// The CPU time of a call: by callee, by number of callers, by round.
pub(crate) struct Calls {
    callees: Vec<Callee>,
    costs: Vec<Vec<Vec<Cost>>>,
}

impl Calls {
    pub(crate) fn measure(runtimes: &Runtimes, flavour: Flavour, settings: Settings) -> Self {
        let callees = all();
        let mut costs = vec![vec![Vec::new(); CALLERS.len()]; callees.len()];
        for _ in 0..settings.rounds {
            for (callee, costs) in callees.iter().zip(&mut costs) {
                listening::listen(callee.is_listened_to);
                for (callers, costs) in CALLERS.into_iter().zip(costs) {
                    let load = Load {
                        flavour,
                        callers,
                        calls: settings.messages / 2 / callers,
                    };
                    costs.push((callee.run)(runtimes, load));
                }
            }
        }
        listening::listen(false);
        Self { callees, costs }
    }

    /// The median of the ratios, of so many callers.
    fn ratio(&self, callee: usize, other: usize, callers: usize) -> f64 {
        let costs = self.costs[callee][callers].iter();
        let ratios = costs.zip(&self.costs[other][callers]);
        median(ratios.map(|(cost, other)| cost.cpu / other.cpu))
    }
}

impl Calls {
    /// How many times what a framework costs a call costs, for each number of
    /// callers: nobody listens to either.
    pub(crate) fn against_frameworks(&self) -> Vec<(&'static str, u64, f64)> {
        let position = |name| self.callees.iter().position(|callee| callee.name == name);
        let ours = position(SILENT).unwrap_or(0);
        let frameworks = [FRAMEWORKS[0], FRAMEWORKS[1], ACTIX, FRAMEWORKS[3]];
        let frameworks = frameworks
            .into_iter()
            .filter_map(|name| Some((name, position(name)?)));
        let all = frameworks.flat_map(|(name, at)| {
            let callers = CALLERS.into_iter().enumerate();
            callers.map(move |(index, callers)| (name, callers, self.ratio(ours, at, index)))
        });
        all.collect()
    }
}

pub(crate) fn tables(runtimes: &Runtimes, settings: Settings) {
    for flavour in Flavour::ALL {
        let calls = Calls::measure(runtimes, flavour, settings);
        let title = format!("`call`, answered by one step: cpu, {}", flavour.name());
        let columns = CALLERS.map(|callers| [format!("{callers} at once"), "x bare".to_owned()]);
        let columns = columns.into_iter().flatten();
        let mut table = Table::new(
            title,
            std::iter::once("ns a call".to_owned()).chain(columns),
        );
        for (at, callee) in calls.callees.iter().enumerate() {
            let row = (0..CALLERS.len()).flat_map(|callers| {
                let cost = median(calls.costs[at][callers].iter().map(|cost| cost.cpu));
                [number(cost), ratio(calls.ratio(at, 0, callers), 1.0)]
            });
            table.row(std::iter::once(callee.name.to_owned()).chain(row));
        }
        print!("{table}");
    }
}
