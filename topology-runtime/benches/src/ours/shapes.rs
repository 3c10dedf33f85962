//! The other shapes as topologies, for the smallest messages.

#![allow(
    clippy::unused_async,
    reason = "what is measured is an `async` step's contract"
)]

use futures_core::Stream;
use topology_runtime::{Message, topology, workflow_step};

use super::run::sourced;
use super::{App, Entry, Supply, Variant};
use crate::measure::Cost;
use crate::work::{Case, Done, Workload};

type Parcel = crate::work::Parcel<1>;

/// The cost of a workload; nothing for what is not one of these.
pub(crate) async fn run(case: Case, variant: Variant) -> Option<Cost> {
    let cost = match (case.workload, variant.entry) {
        (_, Entry::Send) => return None,
        (Workload::Called { steps: 3 }, _) => sourced(CalledThree::start, case, variant).await,
        (Workload::Called { steps: 5 }, _) => sourced(CalledFive::start, case, variant).await,
        (Workload::ForkJoin, _) => sourced(ForkJoin::start, case, variant).await,
        (Workload::Merge { producers: 4 }, _) => sourced(MergeFour::start, case, variant).await,
        (Workload::Merge { producers: 8 }, _) => sourced(MergeEight::start, case, variant).await,
        (Workload::Route, _) => sourced(Route::start, case, variant).await,
        (Workload::Meet, _) => sourced(Meet::start, case, variant).await,
        _ => return None,
    };
    Some(cost)
}

#[workflow_step]
fn feed(supply: &Supply) -> impl Stream<Item = Message<Parcel>> {
    supply.stream::<1>()
}

#[workflow_step(timeout = 10s)]
async fn work(parcel: Parcel) -> Parcel {
    parcel.worked()
}

#[workflow_step(timeout = 10s)]
async fn end(parcel: Parcel, done: &Done) {
    drop(parcel.worked());
    done.arrived();
}

#[workflow_step(timeout = 10s)]
async fn end_both(left: Parcel, right: Parcel, done: &Done) {
    let _ = (left, right.worked());
    done.arrived();
}

topology! {
    pub(crate) CalledThree<! -> !> [state = App];
    use work as second;
    use work as third;
    feed -> work >> second >> third -> end [capacity = 64, timeout = 60s];
    else fail;
}

topology! {
    pub(crate) CalledFive<! -> !> [state = App];
    use work as second;
    use work as third;
    use work as fourth;
    use work as fifth;
    feed -> work >> second >> third >> fourth >> fifth -> end [capacity = 64, timeout = 60s];
    else fail;
}

topology! {
    pub(crate) Answering<Parcel -> Parcel> [state = App];
    in -> work -> out [capacity = 64, timeout = 60s];
    else fail;
}

topology! {
    pub(crate) ForkJoin<! -> !> [state = App];
    use work as left;
    use work as right;
    feed -> work -> left & right -> end_both [capacity = 64, timeout = 60s];
    else fail;
}

topology! {
    pub(crate) MergeFour<! -> !> [state = App];
    use feed as b;
    use feed as c;
    use feed as d;
    feed | b | c | d -> end [capacity = 64, timeout = 60s];
    else fail;
}

topology! {
    pub(crate) MergeEight<! -> !> [state = App];
    use feed as b;
    use feed as c;
    use feed as d;
    use feed as e;
    use feed as f;
    use feed as g;
    use feed as h;
    feed | b | c | d | e | f | g | h -> end [capacity = 64, timeout = 60s];
    else fail;
}

topology! {
    pub(crate) Route<! -> !> [state = App];
    use end as first;
    use end as second;
    use end as third;
    use end as fourth;
    feed -> work [capacity = 64, timeout = 60s];
    work -> match {
        parcel if parcel.number() % 4 == 0 => first(parcel) [capacity = 64, timeout = 60s],
        parcel if parcel.number() % 4 == 1 => second(parcel) [capacity = 64, timeout = 60s],
        parcel if parcel.number() % 4 == 2 => third(parcel) [capacity = 64, timeout = 60s],
        parcel => fourth(parcel) [capacity = 64, timeout = 60s],
    };
    else fail;
}

topology! {
    pub(crate) Meet<! -> !> [state = App];
    use work as first;
    use work as second;
    use work as third;
    use work as fourth;
    feed -> work [capacity = 64, timeout = 60s];
    work -> match {
        parcel if parcel.number() % 4 == 0 => first(parcel) [capacity = 64, timeout = 60s],
        parcel if parcel.number() % 4 == 1 => second(parcel) [capacity = 64, timeout = 60s],
        parcel if parcel.number() % 4 == 2 => third(parcel) [capacity = 64, timeout = 60s],
        parcel => fourth(parcel) [capacity = 64, timeout = 60s],
    };
    first | second | third | fourth -> end [capacity = 64, timeout = 60s];
    else fail;
}
