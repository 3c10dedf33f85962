//! `call` of a topology.

use std::time::Duration;

use topology_runtime::Handle;

use super::Load;
use super::asked::{Asked, ask};
use crate::measure::{Cost, Runtimes};
use crate::ours::shapes::Answering;
use crate::ours::{App, Sampling};
use crate::work::Done;

#[derive(Clone)]
struct Topology(Handle<Answering>, Sampling);

pub(super) fn call(runtimes: &Runtimes, load: Load, sampling: Sampling) -> Cost {
    runtimes.block_on(load.flavour, async {
        let handle = Answering::start(App::of(&Done::default()));
        let cost = ask(Topology(handle.clone(), sampling), load).await;
        drop(handle.drain(Duration::from_mins(1)).await);
        cost
    })
}

impl Asked for Topology {
    async fn ask(&mut self, number: u64) -> Option<u64> {
        let answer = self.0.call(self.1.message(number)).await;
        answer.ok().map(|parcel| parcel.number())
    }
}
