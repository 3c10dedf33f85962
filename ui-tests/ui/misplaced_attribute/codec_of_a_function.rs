use topology_runtime::workflow_step;

#[workflow_step(codec = msgpack)]
fn price(order: u32) -> u32 {
    order * 3
}

fn main() {}
