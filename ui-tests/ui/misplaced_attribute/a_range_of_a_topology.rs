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
    Settle<Order -> Order>;

    in -> settle -> out [capacity = 64, timeout = 1s];
    else fail;
}

topology! {
    Orders<Order -> Order>;

    in -> Settle -> out [capacity = 64, timeout = 10s];
    Settle [replicas = 1..=4];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
