use topology_runtime::workflow_step;

use topology_runtime::StepContext;

#[workflow_step]
fn settle(order: u32, context: StepContext) -> u32 {
    drop(context);
    order
}

fn main() {}
