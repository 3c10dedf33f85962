use topology_runtime::{topology, workflow_step};

use topology_runtime::Failed;

#[derive(Clone)]
struct Order(u32);

#[workflow_step(timeout = 20ms)]
async fn parse(raw: String) -> Order {
    Order(raw.len() as u32)
}

#[workflow_step(timeout = 1s)]
async fn settle(order: Order) -> u32 {
    order.0
}

#[workflow_step]
fn apologise(failed: Failed<String>) -> u32 {
    failed.payload.len() as u32
}

topology! {
    Orders<String -> u32>;

    in -> parse -> settle [capacity = 64, timeout = 1s];
    settle else instead apologise [capacity = 16, timeout = 1s];
    settle | apologise -> out [capacity = 16, timeout = 1s];
    apologise else fail;
    else fail;
}

fn main() {
    let _running = Orders::start();
}
