use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

#[workflow_step(timeout = 1min, blocking)]
fn settle(order: u32) -> u32 {
    order + 1
}

topology! {
    Orders<u32 -> u32>;

    in -> parse -> settle -> out [capacity = 64, timeout = 5min];
    boundary cpu: thread { settle }
    else fail;
}

fn main() {
    let _running = Orders::start();
}
