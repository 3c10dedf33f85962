//! What is looked at.

use std::sync::Arc;

use tokio::sync::Semaphore;
use topology_runtime::{State, topology, workflow_step};

/// Lets a step go on.
#[derive(Clone)]
pub(crate) struct Gate(pub(crate) Arc<Semaphore>);

#[derive(State)]
pub(crate) struct Yard {
    pub(crate) gate: Gate,
}

impl Yard {
    pub(crate) fn closed() -> (Self, Gate) {
        let gate = Gate(Arc::new(Semaphore::new(0)));
        (Self { gate: gate.clone() }, gate)
    }

    pub(crate) fn open() -> Self {
        let (yard, gate) = Self::closed();
        gate.0.close();
        yard
    }
}

#[workflow_step]
fn weigh(crate_: u32) -> Result<u32, String> {
    match crate_ {
        13 | 31 => Err(format!("nobody <b>takes</b> {crate_}")),
        _ => Ok(crate_),
    }
}

/// Waits at the gate, until that is open for good.
#[workflow_step(timeout = 10min, idempotent, retry(attempts = 2, backoff = 1ms..2ms))]
async fn load(crate_: u32, gate: &Gate) -> u32 {
    if let Ok(permit) = gate.0.acquire().await {
        permit.forget();
    }
    crate_
}

topology! {
    pub(crate) Loading<u32 -> u32> [state = Yard];
    in -> weigh [capacity = 5, timeout = 1h];
    weigh -> load [capacity = 3, timeout = 1h];
    load -> out [capacity = 2, timeout = 1h, overflow = drop_newest];
    load [replicas = 2];
    else fail;
}

pub(crate) enum Verdict {
    Again(u32),
    Good(u32),
    Useless,
}

#[workflow_step]
fn begin(draft: u32) -> Result<u32, String> {
    Ok(draft)
}

#[workflow_step]
fn check(draft: u32) -> Result<u32, String> {
    if draft == 7 {
        Err("seven".to_owned())
    } else {
        Ok(draft)
    }
}

#[workflow_step]
fn fix(failed: topology_runtime::Failed<u32>) -> u32 {
    failed.payload + 1
}

#[workflow_step]
fn tidy(draft: u32) -> u32 {
    draft
}

#[workflow_step]
fn polish(draft: u32) -> u32 {
    draft
}

#[workflow_step(timeout = 1s)]
async fn cover_with_a_rather_long_name(draft: u32) -> u32 {
    draft
}

#[workflow_step]
fn pages(draft: u32) -> Vec<u32> {
    (0..draft % 4).collect()
}

#[workflow_step]
fn page(page: u32) -> u32 {
    page
}

#[workflow_step]
fn bound(pages: Vec<u32>) -> u32 {
    pages.into_iter().sum()
}

#[workflow_step]
fn publish(cover: u32, bound: u32) -> Verdict {
    match (cover, bound) {
        (1, _) => Verdict::Again(cover + 1),
        (2, _) => Verdict::Useless,
        _ => Verdict::Good(cover),
    }
}

topology! {
    /// Something of everything.
    pub(crate) Book<u32 -> u32?>;
    in -> begin -> check -> cover_with_a_rather_long_name & pages [capacity = 2, timeout = 1h];
    check else fix [capacity = 2, timeout = 1h];
    fix -> check [capacity = 1, timeout = 1h, rounds = 2];
    pages -> each page -> all bound [capacity = 2, timeout = 1h, limit = 9, within = 1h];
    cover_with_a_rather_long_name & bound -> publish [capacity = 2, timeout = 1h];
    publish -> match {
        Verdict::Again(draft) => begin(draft) [capacity = 32, timeout = 1h, rounds = 2],
        Verdict::Good(draft) => tidy(draft) [capacity = 2, timeout = 1h],
        Verdict::Useless => discard,
    };
    tidy >> polish -> out [capacity = 2, timeout = 1h];
    boundary desk: thread [threads = 2] { tidy, polish }
    fix else fail;
    else fail;
}

#[workflow_step(timeout = 1s)]
async fn one(number: u32) -> u32 {
    number
}

#[workflow_step(timeout = 1s)]
async fn two(number: u32) -> u32 {
    number
}

topology! {
    pub(crate) Inner<u32 -> u32>;
    in -> tidy -> out [capacity = 2, timeout = 1h];
    else fail;
}

topology! {
    /// A race, and a topology inside.
    pub(crate) Outer<u32 -> u32>;
    in -> one ^ two -> Inner -> out [capacity = 4, timeout = 1h];
    else fail;
}
