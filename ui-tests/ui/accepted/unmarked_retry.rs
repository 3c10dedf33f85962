#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 10ms..1s))]
async fn charge(order: u32) -> Result<u32, std::io::Error> {
    Ok(order * 3)
}

topology! {
    Orders<u32 -> u32>;

    in -> charge -> out [capacity = 64, timeout = 9s];
    else fail;
}

fn main() {}
