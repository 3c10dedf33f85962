use topology_runtime::workflow_step;

const AT_ONCE: std::time::Duration = std::time::Duration::ZERO;

#[workflow_step(timeout = AT_ONCE)]
async fn price(order: u32) -> u32 {
    order * 3
}

fn main() {}
