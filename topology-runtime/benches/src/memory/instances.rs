//! Many at once: what they hold, and how long they take to start and to end.

use std::time::{Duration, Instant};

use topology_runtime::{Handle, NoInput, Topology};

use super::counted::held;
use super::{alive, bytes, ended, settle};
use crate::kits::{Kit, TokioMpsc};
use crate::measure::float;
use crate::ours::App;
use crate::work::{Done, Workload, wire};

/// Of each of so many.
#[derive(Clone, Copy)]
pub(crate) struct Life {
    pub(crate) bytes: f64,
    /// In microseconds.
    pub(crate) start: f64,
    /// In microseconds.
    pub(crate) drain: f64,
}

impl Life {
    fn of(count: usize, held: i64, start: Duration, drain: Duration) -> Self {
        let count = float(count as u64);
        Self {
            bytes: bytes(held) / count,
            start: start.as_secs_f64() * 1e6 / count,
            drain: drain.as_secs_f64() * 1e6 / count,
        }
    }
}

/// Idle topologies: their source has ended.
pub(crate) async fn ours<T: Topology<Input = NoInput>>(
    count: usize,
    start: fn(App) -> Handle<T>,
) -> Life {
    let done = Done::default();
    let (before, tasks) = (held(), alive());
    let began = Instant::now();
    let mut handles = Vec::with_capacity(count);
    handles.extend((0..count).map(|_| start(App::of(&done))));
    settle().await;
    let started = began.elapsed();
    let after = held();
    let began = Instant::now();
    for handle in handles {
        drop(handle.drain(Duration::from_mins(1)).await);
    }
    ended(tasks).await;
    Life::of(count, after - before, started, began.elapsed())
}

/// As many chains of as many tasks, and channels between them, by hand; the
/// first channel's sender is held.
pub(crate) async fn bare(count: usize, steps: usize) -> Life {
    let done = Done::default();
    let (before, tasks) = (held(), alive());
    let began = Instant::now();
    let mut heads: Vec<Vec<<TokioMpsc as Kit>::To<1>>> = Vec::with_capacity(count);
    for _ in 0..count {
        let workload = Workload::Pipeline { stages: steps + 1 };
        heads.extend(wire::<1, TokioMpsc>(workload, 64, &done).await);
    }
    settle().await;
    let started = began.elapsed();
    let after = held();
    let began = Instant::now();
    drop(heads);
    ended(tasks).await;
    Life::of(count, after - before, started, began.elapsed())
}
