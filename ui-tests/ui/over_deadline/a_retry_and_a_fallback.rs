#![allow(deprecated, reason = "the edges are hasty, and another rule is the point")]
use topology_runtime::{Failed, topology, workflow_step};

#[workflow_step(timeout = 500ms, idempotent, retry(attempts = 3, backoff = 10ms..100ms))]
async fn price(order: u32) -> Result<u32, String> {
    order.checked_mul(3).ok_or_else(|| "too large".to_owned())
}

#[workflow_step(timeout = 2s)]
async fn guess(failed: Failed<u32>) -> u32 {
    failed.payload
}

#[workflow_step(timeout = 1s)]
async fn archive(order: u32) {
    println!("{order}");
}

#[workflow_step(timeout = 200ms)]
async fn book(price: u32) -> u32 {
    price + 1
}

topology! {
    Orders<u32 -> u32> [deadline = 3s];

    in -> price & archive [capacity = 64, timeout = 250ms];
    price | guess -> book -> out [capacity = 64, timeout = 100ms];
    price else guess [capacity = 16, timeout = 50ms];
    guess else fail;
    else fail;
}

fn main() {
    let _running = Orders::start();
}
