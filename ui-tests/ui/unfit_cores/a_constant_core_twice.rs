use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

#[workflow_step(idempotent)]
fn price(order: u32) -> u32 {
    order * 3
}

const FIRST: usize = 0;

topology! {
    Orders<u32 -> u32>;

    in -> parse -> price -> out [capacity = 64, timeout = 1s];
    boundary cpu: thread [cores = [0, FIRST]] { price }
    else fail;
}

fn main() {
    let _running = Orders::start();
}
