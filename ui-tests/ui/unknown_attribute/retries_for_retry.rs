use topology_runtime::workflow_step;

#[workflow_step(timeout = 200ms, retries = 3)]
async fn price(order: u32) -> u32 {
    order * 3
}

fn main() {}
