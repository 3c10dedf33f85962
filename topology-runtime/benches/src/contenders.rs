//! Everything that is compared, by name.

use crate::kits::{
    Actix, AsyncChannel, Batched, Contract, Crossfire, CrossfireSpsc, Flume, Kameo, Kanal, Kit,
    Ractor, TokioMpsc, buffer, buffer_latency, called, direct,
};
use crate::measure::{Cost, Flavour, Runtimes};
use crate::ours::{self, Entry, Sampling, Variant};
use crate::work::{Case, Size, Workload, one_by_one, run};

/// A way to get messages from step to step.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Whether somebody listens to spans while it runs.
    pub(crate) is_listened_to: bool,
    pub(crate) run: Run,
    /// The nanoseconds of each message, one after the other.
    pub(crate) one_by_one: OneByOne,
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
pub(crate) const SENT: &str = "topology, unsampled, by `send`";
pub(crate) const HAND_CALLED: &str = "steps called, with the contract by hand";
pub(crate) const CALLED: &str = "steps called";
pub(crate) const FRAMEWORKS: [&str; 4] = [
    "kameo",
    "ractor (unbounded)",
    "actix do_send (unbounded)",
    "tower Buffer",
];

type OneByOne = Box<dyn Fn(&Runtimes, Flavour, u64) -> Option<Vec<u64>>>;

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
        ours(SENT, Sampling::None, Entry::Send, true),
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
            one_by_one: Box::new(|runtimes, flavour, messages| {
                runtimes.block_on(flavour, buffer_latency::<1>(messages))
            }),
        },
        Contender {
            name: HAND_CALLED,
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
            one_by_one: Box::new(|_, _, _| None),
        },
        Contender {
            name: CALLED,
            is_listened_to: false,
            run: Box::new(|_, case| {
                let steps = stages(case.workload)? - 1;
                Some(match case.size {
                    Size::Small => direct::<1>(steps, case.messages),
                    Size::Large => direct::<32>(steps, case.messages),
                })
            }),
            one_by_one: Box::new(|_, _, _| None),
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
        one_by_one: Box::new(|runtimes, flavour, messages| {
            K::block_on(runtimes, flavour, one_by_one::<1, K>(messages))
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
        one_by_one: Box::new(move |runtimes, flavour, messages| {
            let one_by_one = ours::one_by_one(messages, sampling);
            runtimes.block_on(flavour, one_by_one)
        }),
    }
}
