use topology_runtime::workflow_step;

struct Order(u32);

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3))]
async fn settle(order: Order) -> u32 {
    order.0
}

fn main() {}
