//! A workload on a topology.

use std::time::{Duration, Instant};

use topology_runtime::{Handle, Message, NoInput, Topology};

use super::{App, Sampling, Supply, Variant};
use crate::measure::{Cost, Stopwatch};
use crate::work::{Case, Done, Parcel, since};

const LONG: Duration = Duration::from_mins(1);

/// The sources are the first stage. The start of the topology is measured too:
/// nothing in comparison.
pub(crate) async fn sourced<T: Topology<Input = NoInput>>(
    start: fn(App) -> Handle<T>,
    case: Case,
    variant: Variant,
) -> Cost {
    let producers = case.workload.producers() as u64;
    let supply = Supply {
        messages: case.messages / producers,
        sampling: variant.sampling,
    };
    let messages = supply.messages * producers;
    let done = Done::after(messages);
    let app = App {
        supply,
        done: done.clone(),
    };
    let watch = Stopwatch::start();
    let handle = start(app);
    done.wait().await;
    let cost = watch.stop(messages);
    drop(handle.drain(LONG).await);
    cost
}

/// The first stage is a task that sends. A message goes through before: what it is
/// sent to may be a process that starts.
pub(crate) async fn sent<const N: usize, T: Topology<Input = Parcel<N>>>(
    start: fn(App) -> Handle<T>,
    case: Case,
    variant: Variant,
) -> Cost {
    let messages = case.messages;
    let sampling = variant.sampling;
    let done = Done::after(1);
    let handle = start(App::of(&done));
    let first = handle.send(sampling.message(0)).await;
    debug_assert!(first.is_ok(), "nobody closes it");
    done.wait().await;
    done.expect(messages);
    let watch = Stopwatch::start();
    let sender = handle.clone();
    tokio::spawn(async move {
        for number in 0..messages {
            let message: Message<Parcel<N>> = sampling.message(number);
            let accepted = sender.send(message).await;
            debug_assert!(accepted.is_ok(), "nobody closes it");
        }
    });
    done.wait().await;
    let cost = watch.stop(messages);
    drop(handle.drain(LONG).await);
    cost
}

/// One message on its way at a time: nanoseconds for each.
pub(crate) async fn one_by_one<const N: usize, T: Topology<Input = Parcel<N>>>(
    start: fn(App) -> Handle<T>,
    messages: u64,
    sampling: Sampling,
) -> Option<Vec<u64>> {
    let done = Done::default();
    let handle = start(App::of(&done));
    let sender = handle.clone();
    let sending = tokio::spawn(async move {
        let mut times = Vec::new();
        for number in 0..messages {
            let begun = Instant::now();
            done.expect(1);
            let accepted = sender.send(sampling.message(number)).await;
            debug_assert!(accepted.is_ok(), "nobody closes it");
            done.wait().await;
            times.push(since(begun));
        }
        times
    });
    let times = sending.await.ok();
    drop(handle.drain(LONG).await);
    times
}
