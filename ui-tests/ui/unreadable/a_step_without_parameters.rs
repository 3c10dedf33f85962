use topology_runtime::workflow_step;

#[workflow_step]
fn tick() -> u32 {
    4
}

fn main() {}
