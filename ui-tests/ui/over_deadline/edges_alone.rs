use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
}

topology! {
    Orders<u32 -> u32> [deadline = 1s];

    in -> price -> out [capacity = 64, timeout = 600ms];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
