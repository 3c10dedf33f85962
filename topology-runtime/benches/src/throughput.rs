//! What a message costs in the pipelines, on both flavours, for both sizes and
//! capacities; and the same for fork-join, merge and route.

use crate::contenders::{self, Contender};
use crate::edges::HOPS;
use crate::measure::{Cost, Flavour, Rounds, Runtimes};
use crate::settings::Settings;
use crate::table::{Table, number, ratio};
use crate::work::{Case, Size, Workload};

pub(crate) fn tables(runtimes: &Runtimes, settings: Settings) {
    pipelines(runtimes, settings);
    shapes(runtimes, settings);
}

/// The pipelines of three and of nine stages.
fn pipelines(runtimes: &Runtimes, settings: Settings) {
    let contenders = contenders::all();
    for size in [Size::Small, Size::Large] {
        for capacity in [64, 1024] {
            for flavour in Flavour::ALL {
                let case = Case {
                    workload: Workload::THREE,
                    flavour,
                    capacity,
                    size,
                    messages: settings.messages,
                };
                let nine = Case {
                    workload: Workload::NINE,
                    ..case
                };
                let cases = [case, nine];
                let rounds = Rounds::run(runtimes, &contenders, &cases, settings.rounds);
                print!("{}", pipeline(&contenders, case, &rounds));
            }
        }
    }
}

fn pipeline(contenders: &[Contender], case: Case, rounds: &Rounds) -> Table {
    let title = format!("pipeline of 3 stages, {}", described(case));
    let columns = [
        "ns a message",
        "cpu",
        "x bare",
        "wall",
        "x bare",
        "cpu a hop",
        "x bare",
    ];
    let mut table = Table::new(title, columns);
    let hop = |contender| rounds.slope(contender, [0, 1], HOPS, cpu);
    for (at, contender) in contenders.iter().enumerate() {
        table.row([
            contender.name.to_owned(),
            number(rounds.median(at, 0, cpu)),
            ratio(rounds.ratio(at, 0, 0, cpu), 1.0),
            number(rounds.median(at, 0, wall)),
            ratio(rounds.ratio(at, 0, 0, wall), 1.0),
            number(hop(at)),
            ratio(hop(at), hop(0)),
        ]);
    }
    table
}

/// Fork-join, merges and the route, for the smallest messages.
fn shapes(runtimes: &Runtimes, settings: Settings) {
    let contenders = contenders::all();
    let shapes = [
        ("fork-join", Workload::ForkJoin),
        ("merge of 4", Workload::Merge { producers: 4 }),
        ("merge of 8", Workload::Merge { producers: 8 }),
        ("route over 4", Workload::Route),
        ("which meet again", Workload::Meet),
    ];
    for flavour in Flavour::ALL {
        let cases = shapes.map(|(_, workload)| Case {
            workload,
            flavour,
            capacity: 64,
            size: Size::Small,
            messages: settings.messages,
        });
        let rounds = Rounds::run(runtimes, &contenders, &cases, settings.rounds);
        let columns = shapes.iter().flat_map(|(name, _)| [*name, "x bare"]);
        let title = format!("other shapes, cpu, {}", described(cases[0]));
        let mut table = Table::new(title, std::iter::once("ns a message").chain(columns));
        for (at, contender) in contenders.iter().enumerate() {
            let costs = (0..cases.len()).flat_map(|case| {
                let cost = number(rounds.median(at, case, cpu));
                [cost, ratio(rounds.ratio(at, 0, case, cpu), 1.0)]
            });
            table.row(std::iter::once(contender.name.to_owned()).chain(costs));
        }
        print!("{table}");
    }
}

fn described(case: Case) -> String {
    let (bytes, capacity) = (case.size.bytes(), case.capacity);
    format!("{}, {bytes} B, capacity {capacity}", case.flavour.name())
}

fn cpu(cost: &Cost) -> f64 {
    cost.cpu
}

fn wall(cost: &Cost) -> f64 {
    cost.wall
}
