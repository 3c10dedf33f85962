use topology_runtime::{Failed, topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order + 1
}

#[workflow_step(idempotent)]
fn estimate(failed: Failed<u32>) -> u32 {
    failed.payload * 3
}

topology! {
    Orders<u32 -> u32>;

    in -> price [capacity = 64, timeout = 1s];
    price | estimate -> out [capacity = 64, timeout = 1s];
    price else estimate [capacity = 64, timeout = 1s];
    estimate else fail;
    boundary apart: process { estimate }
}

fn main() {
    Orders::run_if_child();
    let _running = Orders::start();
}
