use topology_runtime::workflow_step;

#[workflow_step(timeout = 1s, idempotent, attempts = 3, backoff = 10ms..1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

fn main() {}
