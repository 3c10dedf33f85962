#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

fn is_transient(error: &String) -> bool {
    error.contains("later")
}

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 10ms..1s, when = is_transient))]
async fn price(order: u32) -> Result<u32, String> {
    Ok(order * 3)
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> out [capacity = 64, timeout = 9s, overflow = block];
    price [replicas = 4];
    else fail;
}

fn main() {}
