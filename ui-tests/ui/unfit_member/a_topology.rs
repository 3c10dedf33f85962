use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

topology! {
    Settle<u32 -> u32>;

    in -> parse -> out [capacity = 64, timeout = 1s];
    else fail;
}

topology! {
    Orders<u32 -> u32>;

    in -> parse -> Settle -> out [capacity = 64, timeout = 1s];
    boundary cpu: thread { Settle }
    else fail;
}

fn main() {
    let _running = Orders::start();
}
