#![deny(deprecated)]

use std::time::Duration;

use topology_runtime::{topology, workflow_step};

const PATIENCE: Duration = Duration::from_millis(900);

#[workflow_step(timeout = 200ms, idempotent, retry(attempts = 3, backoff = 100ms..200ms))]
async fn screen(order: u32) -> Result<u32, String> {
    Ok(order)
}

#[workflow_step(timeout = 1s)]
async fn settle(order: u32) -> u32 {
    order
}

topology! {
    Orders<u32 -> u32>;

    in -> screen [capacity = 64, timeout = 800ms];
    screen -> settle [capacity = 64, timeout = PATIENCE];
    settle -> out [capacity = 64, timeout = 1ms];
    else fail;
}

fn main() {}
