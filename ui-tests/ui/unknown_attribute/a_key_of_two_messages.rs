use topology_runtime::{topology, workflow_step};

#[derive(Clone)]
struct Order {
    account: u32,
}

#[workflow_step(timeout = 1s)]
async fn settle(order: Order) -> Order {
    order
}

topology! {
    Orders<Order -> Order>;

    in -> settle -> out [capacity = 64, timeout = 1s];
    settle [replicas = 4, key = |first, second| first.account];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
