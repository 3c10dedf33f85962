use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

#[workflow_step(idempotent)]
fn store(orders: Vec<u32>) -> Vec<u32> {
    orders
}

topology! {
    Orders<u32 -> u32>;

    in -> parse [capacity = 64, timeout = 1s];
    parse -> store [capacity = 64, timeout = 1s, batch = 8, linger = 10ms];
    store -> out [capacity = 64, timeout = 1s];
    boundary apart: process { boundary cpu: thread { store } }
    else fail;
}

fn main() {
    Orders::run_if_child();
    let _running = Orders::start();
}
