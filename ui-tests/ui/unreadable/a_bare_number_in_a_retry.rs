use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s, idempotent, retry(3))]
async fn price(order: u32) -> u32 {
    order * 3
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
