//! Hops against channels, and against the contract by hand.

use super::Target;
use crate::contenders::{self, BARE, HAND, HAND_SILENT, SAMPLED, SILENT, SOME, UNSAMPLED};
use crate::edges::{self, HOPS};
use crate::latency;
use crate::measure::{Cost, Flavour, Rounds, Runtimes};
use crate::settings::Settings;
use crate::work::{Case, Size, Workload};

pub(super) fn targets(runtimes: &Runtimes, settings: Settings) -> Vec<Target> {
    let mut targets = on_two(runtimes, settings);
    targets.splice(0..0, on_one(runtimes, settings));
    targets.push(one_in_flight(runtimes, settings));
    targets
}

/// On one thread, 8 bytes, capacity 64.
fn on_one(runtimes: &Runtimes, settings: Settings) -> Vec<Target> {
    let names = [BARE, HAND_SILENT, HAND, SILENT, UNSAMPLED, SOME, SAMPLED];
    let contenders = contenders::only(&names);
    let [three, nine, called, further] = edges::cases(Flavour::Current, settings);
    let on = |workload| Case { workload, ..three };
    let merge = on(Workload::Merge { producers: 4 });
    let (route, meet) = (on(Workload::Route), on(Workload::Meet));
    let cases = [three, nine, called, merge, route, meet, further];
    let rounds = Rounds::run(runtimes, &contenders, &cases, settings.rounds);
    let at = |name: &str| names.iter().position(|other| *other == name).unwrap_or(0);
    let hop = |what: &str, name, against: &'static str, at_most, aim| Target {
        what: what.to_owned(),
        against: against.to_owned(),
        whole: rounds.ratio(at(name), at(against), 0, cpu),
        hop: edge(&rounds, at(name)) / edge(&rounds, at(against)),
        at_most,
        aim,
    };
    let call = rounds.slope(at(UNSAMPLED), [2, 6], 2.0, cpu);
    let meeting = |name| rounds.slope(at(name), [4, 5], 1.0, cpu);
    vec![
        hop(
            "hop, unsampled, 8 B, capacity 64",
            UNSAMPLED,
            BARE,
            0.5,
            0.35,
        ),
        hop("hop, nobody listens", SILENT, HAND_SILENT, 0.25, 0.15),
        hop("hop, no-op layer, unsampled", UNSAMPLED, HAND, 0.2, 0.11),
        hop("hop, no-op layer, all sampled", SAMPLED, HAND, 0.65, 0.5),
        hop("hop, 1 in 128 sampled", SOME, UNSAMPLED, 1.05, 1.02),
        Target {
            what: "one more `>>`, unsampled".to_owned(),
            against: format!("{BARE}, a hop"),
            whole: f64::NAN,
            hop: call / edge(&rounds, at(BARE)),
            at_most: 0.2,
            aim: 0.12,
        },
        Target {
            what: "merge of 4, unsampled".to_owned(),
            against: BARE.to_owned(),
            whole: rounds.ratio(at(UNSAMPLED), at(BARE), 3, cpu),
            hop: meeting(UNSAMPLED) / meeting(BARE),
            at_most: 0.4,
            aim: 0.15,
        },
    ]
}

/// On two workers, and larger messages on both.
fn on_two(runtimes: &Runtimes, settings: Settings) -> Vec<Target> {
    let contenders = contenders::only(&[BARE, UNSAMPLED]);
    let target = |what: &str, flavour, capacity, size, at_most, aim| {
        let [three, nine, ..] = edges::cases(flavour, settings);
        let case = |case| Case {
            capacity,
            size,
            ..case
        };
        let cases = [case(three), case(nine)];
        let rounds = Rounds::run(runtimes, &contenders, &cases, settings.rounds);
        Target {
            what: what.to_owned(),
            against: BARE.to_owned(),
            whole: rounds.ratio(1, 0, 0, cpu),
            hop: edge(&rounds, 1) / edge(&rounds, 0),
            at_most,
            aim,
        }
    };
    let (one, two) = (Flavour::Current, Flavour::Two);
    let (small, large) = (Size::Small, Size::Large);
    vec![
        target("hop, two workers, capacity 64", two, 64, small, 0.6, 0.35),
        target(
            "hop, two workers, capacity 1024",
            two,
            1024,
            small,
            0.4,
            0.2,
        ),
        target("hop, 256 B", one, 64, large, 1.0, 0.7),
        target("hop, 256 B, two workers", two, 64, large, 0.8, 0.5),
    ]
}

fn one_in_flight(runtimes: &Runtimes, settings: Settings) -> Target {
    let contenders = contenders::only(&[BARE, UNSAMPLED]);
    let times = latency::measure(runtimes, &contenders, Flavour::Current, settings);
    Target {
        what: "one message in flight, p50".to_owned(),
        against: BARE.to_owned(),
        whole: times[1].ratio(&times[0]),
        hop: f64::NAN,
        at_most: 1.05,
        aim: 0.8,
    }
}

/// What one more hop costs.
fn edge(rounds: &Rounds, contender: usize) -> f64 {
    rounds.slope(contender, [0, 1], HOPS, cpu)
}

fn cpu(cost: &Cost) -> f64 {
    cost.cpu
}
