#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 500ms, idempotent, retry(attempts = 2, backoff = 10ms..20ms))]
async fn store(rows: Vec<u32>) -> Result<Vec<Result<u32, String>>, std::io::Error> {
    Ok(rows.into_iter().map(Ok).collect())
}

topology! {
    Orders<u32 -> u32>;

    in -> store [capacity = 64, timeout = 2s, batch = 64, linger = 10ms];
    store -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
