//! Chains of steps, written by the build script.

#![allow(
    clippy::unused_async,
    reason = "what is measured is an `async` step's contract"
)]

use futures_core::Stream;
use topology_runtime::{Message, workflow_step};

use crate::ours::{App, Supply};
use crate::work::Done;

type Parcel = crate::work::Parcel<1>;

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

include!(concat!(env!("OUT_DIR"), "/chains.rs"));
