//! Everything that is compared, by name.

use crate::kits::{
    Actix, AsyncChannel, Batched, Contract, Crossfire, CrossfireSpsc, Flume, Kameo, Kanal, Kit,
    Ractor, TokioMpsc, buffer, called, direct,
};
use crate::measure::{Cost, Runtimes};
use crate::ours::{self, Entry, Sampling, Variant};
use crate::work::{Case, Size, Workload, run};

/// A way to get messages from step to step.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Whether somebody listens to spans while it runs.
    pub(crate) is_listened_to: bool,
    pub(crate) run: Run,
}

/// What one run cost; nothing where it cannot do the workload.
type Run = Box<dyn Fn(&Runtimes, Case) -> Option<Cost>>;

pub(crate) const BARE: &str = "bare tokio mpsc";
pub(crate) const HAND_SILENT: &str = "contract by hand, nobody listens";
pub(crate) const HAND: &str = "contract by hand, no-op layer";
pub(crate) const SILENT: &str = "topology, nobody listens";
pub(crate) const UNSAMPLED: &str = "topology, no-op layer, unsampled";
pub(crate) const SOME: &str = "topology, no-op layer, 1 in 128";
pub(crate) const SAMPLED: &str = "topology, no-op layer, all sampled";
pub(crate) const FRAMEWORKS: [&str; 4] = [
    "kameo",
    "ractor (unbounded)",
    "actix do_send (unbounded)",
    "tower Buffer",
];

/// In the order of the tables; the first is what the others are compared with.
pub(crate) fn all() -> Vec<Contender> {
    let [kameo, ractor, actix, tower] = FRAMEWORKS;
    vec![
        kit::<TokioMpsc>(BARE, false),
        kit::<Batched>("tokio recv_many + reserve_many", false),
        kit::<CrossfireSpsc>("crossfire spsc", false),
        kit::<Crossfire>("crossfire mpsc", false),
        kit::<Kanal>("kanal", false),
        kit::<Flume>("flume", false),
        kit::<AsyncChannel>("async-channel", false),
        kit::<Contract>(HAND_SILENT, false),
        kit::<Contract>(HAND, true),
        ours(SILENT, Sampling::All, Entry::Source, false),
        ours(UNSAMPLED, Sampling::None, Entry::Source, true),
        ours(SOME, Sampling::OneIn128, Entry::Source, true),
        ours(SAMPLED, Sampling::All, Entry::Source, true),
        ours(
            "topology, unsampled, by `send`",
            Sampling::None,
            Entry::Send,
            true,
        ),
        kit::<Kameo>(kameo, false),
        kit::<Ractor>(ractor, false),
        kit::<Actix>(actix, false),
        Contender {
            name: tower,
            is_listened_to: false,
            run: Box::new(|runtimes, case| match case.size {
                Size::Small => runtimes.block_on(case.flavour, buffer::<1>(case)),
                Size::Large => runtimes.block_on(case.flavour, buffer::<32>(case)),
            }),
        },
        Contender {
            name: "steps called, with the contract by hand",
            is_listened_to: false,
            run: Box::new(|runtimes, case| {
                let steps = stages(case.workload)? - 1;
                Some(match case.size {
                    Size::Small => {
                        runtimes.block_on(case.flavour, called::<1>(steps, case.messages))
                    }
                    Size::Large => {
                        runtimes.block_on(case.flavour, called::<32>(steps, case.messages))
                    }
                })
            }),
        },
        Contender {
            name: "steps called",
            is_listened_to: false,
            run: Box::new(|_, case| {
                let steps = stages(case.workload)? - 1;
                Some(match case.size {
                    Size::Small => direct::<1>(steps, case.messages),
                    Size::Large => direct::<32>(steps, case.messages),
                })
            }),
        },
    ]
}

/// Only those.
pub(crate) fn only(names: &[&str]) -> Vec<Contender> {
    let mut contenders = all();
    contenders.retain(|contender| names.contains(&contender.name));
    contenders
}

fn stages(workload: Workload) -> Option<usize> {
    match workload {
        Workload::Pipeline { stages } => Some(stages),
        _ => None,
    }
}

fn kit<K: Kit>(name: &'static str, is_listened_to: bool) -> Contender {
    Contender {
        name,
        is_listened_to,
        run: Box::new(|runtimes, case| match case.size {
            Size::Small => K::block_on(runtimes, case.flavour, run::<1, K>(case)),
            Size::Large => K::block_on(runtimes, case.flavour, run::<32, K>(case)),
        }),
    }
}

fn ours(name: &'static str, sampling: Sampling, entry: Entry, is_listened_to: bool) -> Contender {
    let variant = Variant { entry, sampling };
    Contender {
        name,
        is_listened_to,
        run: Box::new(move |runtimes, case| {
            runtimes.block_on(case.flavour, ours::run(case, variant))
        }),
    }
}
