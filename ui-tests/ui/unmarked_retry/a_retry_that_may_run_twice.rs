#![deny(deprecated)]

use topology_runtime::workflow_step;

#[workflow_step(timeout = 1s, retry(attempts = 3, backoff = 10ms..1s))]
async fn charge(order: u32) -> Result<u32, std::io::Error> {
    Ok(order * 3)
}

fn main() {}
