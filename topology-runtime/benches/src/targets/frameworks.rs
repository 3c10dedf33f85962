//! Every workload that a framework can run too: the one it does best in.

use super::Target;
use crate::calls::Calls;
use crate::contenders::{self, FRAMEWORKS, SILENT};
use crate::measure::{Flavour, Rounds, Runtimes};
use crate::settings::Settings;
use crate::work::{Case, Size, Workload};

const WORKLOADS: [(&str, Workload); 5] = [
    ("pipeline of 3", Workload::THREE),
    ("fork-join", Workload::ForkJoin),
    ("merge of 4", Workload::Merge { producers: 4 }),
    ("merge of 8", Workload::Merge { producers: 8 }),
    ("route over 4", Workload::Route),
];

/// A ratio, and where it was measured.
type Measured = (f64, String);

/// Nobody listens, as nobody listens to the frameworks.
pub(super) fn targets(runtimes: &Runtimes, settings: Settings) -> Vec<Target> {
    let mut worst: Vec<(&str, Measured)> = Vec::new();
    let mut measured = |framework, ratio: f64, place: String| {
        let known = worst.iter_mut().find(|(name, _)| *name == framework);
        match known {
            _ if ratio.is_nan() => {}
            Some((_, known)) if known.0 < ratio => *known = (ratio, place),
            Some(_) => {}
            None => worst.push((framework, (ratio, place))),
        }
    };
    for flavour in Flavour::ALL {
        let mut names = vec![SILENT];
        names.extend(FRAMEWORKS);
        let contenders = contenders::only(&names);
        let cases = WORKLOADS.map(|(_, workload)| Case {
            workload,
            flavour,
            capacity: 64,
            size: Size::Small,
            messages: settings.messages,
        });
        let rounds = Rounds::run(runtimes, &contenders, &cases, settings.rounds);
        for (case, (workload, _)) in WORKLOADS.iter().enumerate() {
            for (at, contender) in contenders.iter().enumerate().skip(1) {
                let ratio = rounds.ratio(0, at, case, |cost| cost.cpu);
                measured(
                    contender.name,
                    ratio,
                    format!("{workload}, {}", flavour.name()),
                );
            }
        }
        let calls = Calls::measure(runtimes, flavour, settings);
        for (name, callers, ratio) in calls.against_frameworks() {
            measured(
                name,
                ratio,
                format!("{callers} callers, {}", flavour.name()),
            );
        }
    }
    let targets = worst.into_iter().map(|(framework, (ratio, place))| Target {
        what: format!("all that both can run, at worst {place}"),
        against: framework.to_owned(),
        whole: ratio,
        hop: f64::NAN,
        at_most: 1.0,
        aim: 0.3,
    });
    targets.collect()
}
