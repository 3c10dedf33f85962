use topology_runtime::workflow_step;

#[workflow_step(timeout = 1s, idempotent = true)]
async fn settle(order: u32) -> u32 {
    order
}

fn main() {}
