#![deny(warnings)]
#![allow(deprecated, reason = "the edges are hasty, and another rule is the point")]

use std::time::Duration;

use topology_runtime::{Failed, topology, workflow_step};

const PATIENCE: Duration = Duration::from_secs(5);

#[workflow_step(timeout = 500ms, idempotent, retry(attempts = 3, backoff = 10ms..100ms))]
async fn price(order: u32) -> Result<u32, String> {
    order.checked_mul(3).ok_or_else(|| "too large".to_owned())
}

#[workflow_step(timeout = 2s)]
async fn guess(failed: Failed<u32>) -> u32 {
    failed.payload
}

#[workflow_step(timeout = 200ms)]
async fn book(price: u32) -> u32 {
    price + 1
}

topology! {
    Guessed<u32 -> u32> [deadline = PATIENCE];

    in -> price [capacity = 64, timeout = 250ms];
    price | guess -> book -> out [capacity = 64, timeout = 100ms];
    price else guess [capacity = 16, timeout = 50ms];
    guess else fail;
    else fail;
}

topology! {
    Exact<u32 -> u32> [deadline = 400ms];

    in -> book -> out [capacity = 64, timeout = 100ms];
    else fail;
}

const _: () = assert!(Exact::WORST_CASE.as_millis() == 400);

fn main() {}
