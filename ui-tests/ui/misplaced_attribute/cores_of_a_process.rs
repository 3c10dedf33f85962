use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

#[workflow_step(idempotent)]
fn price(order: u32) -> u32 {
    order * 3
}

topology! {
    Orders<u32 -> u32>;

    in -> parse -> price -> out [capacity = 64, timeout = 1s];
    boundary apart: process [cores = [0]] { price }
    else fail;
}

fn main() {
    Orders::run_if_child();
    let _running = Orders::start();
}
