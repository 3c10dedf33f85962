//! One message on its way at a time.

use std::time::Instant;

use super::{Done, Workload, wire};
use crate::kits::{Kit, Letter, To};

/// Nanoseconds from where the first stage sends a message to where it knows
/// that the last one has it, for each.
pub(crate) async fn one_by_one<const N: usize, K: Kit>(messages: u64) -> Option<Vec<u64>> {
    let done = Done::default();
    let heads = wire::<N, K>(Workload::THREE, 64, &done).await?;
    let mut head = heads.into_iter().next()?;
    let sending = tokio::spawn(async move {
        let mut times = Vec::new();
        for number in 0..messages {
            let begun = Instant::now();
            done.expect(1);
            head.put(K::Letter::<N>::new(number)).await;
            done.wait().await;
            times.push(since(begun));
        }
        times
    });
    sending.await.ok()
}

/// Nanoseconds.
pub(crate) fn since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
