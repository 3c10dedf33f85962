//! A topology with one step on a thread or in a process, and the same without.

use topology_runtime::{topology, workflow_step};

use crate::measure::Cost;
use crate::ours::run::{one_by_one as taken, sent};
use crate::ours::{App, Entry, Sampling, Variant};
use crate::work::{Case, Done, Size, Workload};

type Parcel = crate::work::Parcel<1>;

#[workflow_step(idempotent)]
fn work(parcel: Parcel) -> Parcel {
    parcel.worked()
}

#[workflow_step]
fn end(parcel: Parcel, done: &Done) {
    drop(parcel.worked());
    done.arrived();
}

/// Room for as much as a stream needs that is not to wait.
const FAR: usize = 4096;

topology! {
    Apart<Parcel -> !> [state = App];
    in -> work -> end [capacity = 64, timeout = 60s];
    boundary cpu: thread { work }
    else fail;
}

topology! {
    Within<Parcel -> !> [state = App];
    #[allow(idle_boundary, reason = "compared with one that is none")]
    in -> work -> end [capacity = 64, timeout = 60s];
    else fail;
}

topology! {
    WithinFar<Parcel -> !> [state = App];
    #[allow(idle_boundary, reason = "compared with one that is none")]
    in -> work -> end [capacity = FAR, timeout = 60s];
    else fail;
}

topology! {
    Away<Parcel -> !> [state = App];
    in -> work -> end [capacity = 64, timeout = 60s];
    boundary process: process { work }
    else fail;
}

topology! {
    AwayFar<Parcel -> !> [state = App];
    in -> work -> end [capacity = FAR, timeout = 60s];
    boundary process: process { work }
    else fail;
}

topology! {
    AwayWide<Parcel -> !> [state = App];
    in -> work -> end [capacity = 64, timeout = 60s];
    boundary process: process { work }
    work [replicas = 64];
    else fail;
}

pub(super) fn run_if_child() {
    let nothing = || App::of(&Done::default());
    Away::run_if_child(nothing);
    AwayFar::run_if_child(nothing);
    AwayWide::run_if_child(nothing);
}

const VARIANT: Variant = Variant {
    entry: Entry::Send,
    sampling: Sampling::None,
};

fn case(messages: u64) -> Case {
    Case {
        workload: Workload::THREE,
        flavour: crate::measure::Flavour::Current,
        capacity: super::ROOM,
        size: Size::Small,
        messages,
    }
}

pub(super) async fn one_by_one(messages: u64) -> Vec<u64> {
    let times = taken(Apart::start, messages, Sampling::None).await;
    times.unwrap_or_default()
}

pub(super) async fn one_by_one_within(messages: u64) -> Vec<u64> {
    let times = taken(Within::start, messages, Sampling::None).await;
    times.unwrap_or_default()
}

pub(super) async fn one_by_one_within_far(messages: u64) -> Vec<u64> {
    let times = taken(WithinFar::start, messages, Sampling::None).await;
    times.unwrap_or_default()
}

pub(super) async fn stream(messages: u64) -> Cost {
    sent(Apart::start, case(messages), VARIANT).await
}

pub(super) async fn stream_within(messages: u64) -> Cost {
    sent(Within::start, case(messages), VARIANT).await
}

pub(super) async fn stream_within_far(messages: u64) -> Cost {
    sent(WithinFar::start, case(messages), VARIANT).await
}

pub(super) async fn one_by_one_away(messages: u64) -> Vec<u64> {
    let times = taken(Away::start, messages, Sampling::None).await;
    times.unwrap_or_default()
}

pub(super) async fn one_by_one_away_far(messages: u64) -> Vec<u64> {
    let times = taken(AwayFar::start, messages, Sampling::None).await;
    times.unwrap_or_default()
}

pub(super) async fn one_by_one_away_wide(messages: u64) -> Vec<u64> {
    let times = taken(AwayWide::start, messages, Sampling::None).await;
    times.unwrap_or_default()
}

pub(super) async fn stream_away(messages: u64) -> Cost {
    sent(Away::start, case(messages), VARIANT).await
}

pub(super) async fn stream_away_far(messages: u64) -> Cost {
    sent(AwayFar::start, case(messages), VARIANT).await
}

pub(super) async fn stream_away_wide(messages: u64) -> Cost {
    sent(AwayWide::start, case(messages), VARIANT).await
}
