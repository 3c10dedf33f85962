use topology_runtime::workflow_step;

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 10..100))]
async fn price(order: u32) -> u32 {
    order * 3
}

fn main() {}
