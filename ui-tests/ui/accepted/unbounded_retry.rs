#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

const ATTEMPTS: usize = 5;

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 2))]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s, idempotent, retry(attempts = ATTEMPTS, backoff = 10ms..1s))]
async fn book(price: u32) -> u32 {
    price + 1
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> book -> out [capacity = 64, timeout = 9s];
    else fail;
}

fn main() {}
