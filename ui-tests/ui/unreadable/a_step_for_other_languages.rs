use topology_runtime::workflow_step;

#[workflow_step]
extern "C" fn settle(order: u32) -> u32 {
    order
}

fn main() {}
