//! What longer chains cost: each step of them, each message, start and end.

pub(crate) mod chains;

use topology_runtime::{Handle, NoInput, Topology};

#[cfg(feature = "thousand")]
use self::chains::Chain1000;
use self::chains::{Chain1, Chain10, Chain100};
use crate::kits::TokioMpsc;
use crate::measure::{Cost, Flavour, Runtimes, float, median};
use crate::memory::instances;
use crate::ours::run::sourced;
use crate::ours::{App, Entry, Sampling, Variant};
use crate::settings::Settings;
use crate::table::{Table, number, ratio};
use crate::work::{Case, Size, Workload, run};

const STEPS: &[usize] = if cfg!(feature = "thousand") {
    &[1, 10, 100, 1000]
} else {
    &[1, 10, 100]
};

/// One round of a length: CPU of a message, and start and end of a chain.
struct Round {
    ours: Cost,
    bare: Cost,
    ours_life: instances::Life,
    bare_life: instances::Life,
}

pub(crate) fn tables(runtimes: &Runtimes, settings: Settings) {
    for flavour in Flavour::ALL {
        let columns = [
            "ns a step",
            "topology",
            "bare",
            "ratio",
            "us to start",
            "bare",
            "ratio",
            "us to drain",
            "bare",
            "ratio",
        ];
        let title = format!(
            "chains: cpu of a message for each step, 8 B, capacity 64, unsampled; and their lives; {}",
            flavour.name()
        );
        let mut table = Table::new(title, columns);
        for &steps in STEPS {
            table.row(row(runtimes, settings, flavour, steps));
        }
        print!("{table}");
    }
}

fn row(runtimes: &Runtimes, settings: Settings, flavour: Flavour, steps: usize) -> Vec<String> {
    let rounds: Vec<_> = (0..=settings.rounds)
        .map(|_| round(runtimes, settings, flavour, steps))
        .skip(1)
        .collect();
    let pair = |ours: fn(&Round) -> f64, bare: fn(&Round) -> f64, per: f64| {
        let middle = |of: fn(&Round) -> f64| median(rounds.iter().map(of)) / per;
        let ratios = rounds.iter().map(|round| ours(round) / bare(round));
        [
            number(middle(ours)),
            number(middle(bare)),
            ratio(median(ratios), 1.0),
        ]
    };
    let cost = pair(|r| r.ours.cpu, |r| r.bare.cpu, float(steps as u64));
    let start = pair(|r| r.ours_life.start, |r| r.bare_life.start, 1.0);
    let drain = pair(|r| r.ours_life.drain, |r| r.bare_life.drain, 1.0);
    let name = if steps == 1 {
        "1 step".to_owned()
    } else {
        format!("{steps} steps")
    };
    let cells = [cost, start, drain].into_iter().flatten();
    std::iter::once(name).chain(cells).collect()
}

fn round(runtimes: &Runtimes, settings: Settings, flavour: Flavour, steps: usize) -> Round {
    match steps {
        1 => measure(runtimes, settings, flavour, steps, Chain1::start),
        10 => measure(runtimes, settings, flavour, steps, Chain10::start),
        100 => measure(runtimes, settings, flavour, steps, Chain100::start),
        #[cfg(feature = "thousand")]
        1000 => measure(runtimes, settings, flavour, steps, Chain1000::start),
        _ => unreachable!("a length that was written"),
    }
}

fn measure<T: Topology<Input = NoInput>>(
    runtimes: &Runtimes,
    settings: Settings,
    flavour: Flavour,
    steps: usize,
    start: fn(App) -> Handle<T>,
) -> Round {
    let case = Case {
        workload: Workload::Pipeline { stages: steps + 1 },
        flavour,
        capacity: 64,
        size: Size::Small,
        messages: (settings.messages / steps as u64).max(256),
    };
    let variant = Variant {
        entry: Entry::Source,
        sampling: Sampling::None,
    };
    runtimes.block_on(flavour, async {
        Round {
            bare: run::<1, TokioMpsc>(case)
                .await
                .expect("a channel can carry it"),
            ours: sourced(start, case, variant).await,
            bare_life: instances::bare(10, steps).await,
            ours_life: instances::ours(10, start).await,
        }
    })
}
