//! What a boundary costs: `->` against `>>`, against a bare channel, and against
//! no step at all.

use crate::contenders::{self, BARE, CALLED, HAND, HAND_CALLED, HAND_SILENT};
use crate::contenders::{SAMPLED, SILENT, SOME, UNSAMPLED};
use crate::measure::{Flavour, Rounds, Runtimes};
use crate::settings::Settings;
use crate::table::{Table, number, ratio};
use crate::work::{Case, Size, Workload};

/// How many hops nine stages have more than three.
pub(crate) const HOPS: f64 = 6.0;

/// Three stages, six more of them, two more steps in the second of three, and another
/// two.
pub(crate) fn cases(flavour: Flavour, settings: Settings) -> [Case; 4] {
    let called = |steps| Workload::Called { steps };
    [Workload::THREE, Workload::NINE, called(3), called(5)].map(|workload| Case {
        workload,
        flavour,
        capacity: 64,
        size: Size::Small,
        messages: settings.messages,
    })
}

pub(crate) fn table(runtimes: &Runtimes, settings: Settings) -> Table {
    let contenders = contenders::only(&[
        BARE,
        HAND_SILENT,
        HAND,
        SILENT,
        UNSAMPLED,
        SOME,
        SAMPLED,
        HAND_CALLED,
        CALLED,
    ]);
    let title = "one more step: cpu, one thread, 8 B, capacity 64";
    let columns = [
        "ns a step",
        "by an edge",
        "x bare",
        "by a call, the first two",
        "x bare",
        "each after them",
        "x bare",
    ];
    let mut table = Table::new(title, columns);
    let cases = cases(Flavour::Current, settings);
    let rounds = Rounds::run(runtimes, &contenders, &cases, settings.rounds);
    let edge = |at| rounds.slope(at, [0, 1], HOPS, |cost| cost.cpu);
    for (at, contender) in contenders.iter().enumerate() {
        let is_called = [HAND_CALLED, CALLED].contains(&contender.name);
        let call = |cases| {
            if is_called {
                edge(at)
            } else {
                rounds.slope(at, cases, 2.0, |cost| cost.cpu)
            }
        };
        let (first, further) = (call([0, 2]), call([2, 3]));
        let edge_of = if is_called { f64::NAN } else { edge(at) };
        table.row([
            contender.name.to_owned(),
            number(edge_of),
            ratio(edge_of, edge(0)),
            number(first),
            ratio(first, edge(0)),
            number(further),
            ratio(further, edge(0)),
        ]);
    }
    table
}
