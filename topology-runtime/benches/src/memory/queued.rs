//! What a message holds while it waits.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use topology_runtime::{State, topology, workflow_step};

use super::counted::held;
use super::{bytes, settle};
use crate::measure::float;
use crate::ours::Sampling;
use crate::work::Parcel;

const CAPACITY: usize = 1024;

/// Lets nothing through.
#[derive(State)]
struct Gate {
    gate: Arc<Semaphore>,
}

#[workflow_step(timeout = 1h)]
async fn stuck<const N: usize>(_parcel: Parcel<N>, gate: &Arc<Semaphore>) {
    let _ = gate.acquire().await;
}

topology! {
    Small<Parcel<1> -> !> [state = Gate];
    in -> stuck::<1> [capacity = CAPACITY, timeout = 10h];
    else fail;
}

topology! {
    Large<Parcel<32> -> !> [state = Gate];
    in -> stuck::<32> [capacity = CAPACITY, timeout = 10h];
    else fail;
}

macro_rules! queued {
    ($topology:ident, $words:literal) => {{
        let gate = Arc::new(Semaphore::new(0));
        let handle = $topology::start(Gate { gate: gate.clone() });
        settle().await;
        let before = held();
        // One more than there is room for: the step has it.
        for number in 0..=CAPACITY as u64 {
            let message = Sampling::None.message::<$words>(number);
            handle.send(message).await.expect("there is room");
            settle().await;
        }
        let after = held();
        gate.close();
        drop(handle.drain(std::time::Duration::from_mins(1)).await);
        bytes(after - before) / float(CAPACITY as u64 + 1)
    }};
}

/// Bytes for each message of 8 and of 256 bytes, on an edge that was empty.
pub(super) async fn ours() -> [f64; 2] {
    [queued!(Small, 1), queued!(Large, 32)]
}

/// The same on a channel of tokio's.
pub(super) fn bare() -> [f64; 2] {
    [bare_of::<1>(), bare_of::<32>()]
}

fn bare_of<const N: usize>() -> f64 {
    let before = held();
    let (sender, receiver) = mpsc::channel::<Parcel<N>>(CAPACITY);
    for number in 0..CAPACITY as u64 {
        sender.try_send(Parcel::new(number)).expect("there is room");
    }
    let after = held();
    drop(receiver);
    bytes(after - before) / float(CAPACITY as u64)
}
