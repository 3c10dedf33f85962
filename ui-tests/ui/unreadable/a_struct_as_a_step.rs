use topology_runtime::workflow_step;

#[workflow_step]
struct Settle {
    order: u32,
}

fn main() {}
