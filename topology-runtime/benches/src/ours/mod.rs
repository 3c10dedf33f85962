//! The workloads as topologies, with their whole contract.

mod pipelines;
pub(crate) mod run;
pub(crate) mod shapes;
mod supply;

use topology_runtime::State;

use self::pipelines::{large_64, large_1024, small_64, small_1024};
pub(crate) use self::supply::{Sampling, Supply};
use crate::measure::Cost;
use crate::work::{Case, Done, Size, Workload};

/// What the steps borrow.
#[derive(State)]
pub(crate) struct App {
    pub(crate) supply: Supply,
    pub(crate) done: Done,
}

impl App {
    /// For what has no sources.
    pub(crate) fn of(done: &Done) -> Self {
        let supply = Supply {
            messages: 0,
            sampling: Sampling::None,
        };
        let done = done.clone();
        Self { supply, done }
    }
}

/// How messages come in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry {
    /// A source brings them.
    Source,
    /// A task calls `send`.
    Send,
}

/// How a topology is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variant {
    pub(crate) entry: Entry,
    pub(crate) sampling: Sampling,
}

/// One message on its way at a time: nanoseconds for each.
pub(crate) async fn one_by_one(messages: u64, sampling: Sampling) -> Option<Vec<u64>> {
    run::one_by_one(small_64::Sent::start, messages, sampling).await
}

/// The cost of a workload; nothing for what is not one of ours.
pub(crate) async fn run(case: Case, variant: Variant) -> Option<Cost> {
    let is_pipeline = matches!(case.workload, Workload::Pipeline { .. });
    match (case.size, case.capacity) {
        (Size::Small, 64) if !is_pipeline => shapes::run(case, variant).await,
        (Size::Small, 64) => small_64::run(case, variant).await,
        (Size::Small, 1024) => small_1024::run(case, variant).await,
        (Size::Large, 64) => large_64::run(case, variant).await,
        (Size::Large, 1024) => large_1024::run(case, variant).await,
        _ => None,
    }
}
