use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

fn plain(order: u32) -> u32 {
    order
}

topology! {
    Orders<u32 -> u32>;

    in -> parse -> plain -> out [capacity = 64, timeout = 1s];
    boundary cpu: thread { plain }
    else fail;
}

fn main() {
    let _running = Orders::start();
}
