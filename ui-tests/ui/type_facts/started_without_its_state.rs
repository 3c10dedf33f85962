use topology_runtime::{topology, workflow_step};

use topology_runtime::State;

#[derive(State)]
struct App {
    limit: u32,
}

#[workflow_step(timeout = 1s)]
async fn price(order: u32, limit: &u32) -> u32 {
    order.min(*limit)
}

topology! {
    Orders<u32 -> u32> [state = App];

    in -> price -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
