use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step]
fn stamp(price: u32) -> u32 {
    price + 1
}

topology! {
    Orders<u32 -> u32>;

    #[allow(idle_boundry, reason = "the queue takes bursts")]
    in -> price -> stamp -> out [capacity = 4, timeout = 1s];
    else fail;
}

fn main() {}
