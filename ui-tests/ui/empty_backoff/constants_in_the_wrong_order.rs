use topology_runtime::{topology, workflow_step};

use std::time::Duration;

const SHORT: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(1);

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = LONG..SHORT))]
async fn price(order: u32) -> u32 {
    order * 3
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> out [capacity = 64, timeout = 9s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
