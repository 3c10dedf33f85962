use topology_runtime::workflow_step;

#[workflow_step(tick = 1s)]
fn flush(order: u64) -> u64 {
    order
}

fn main() {}
