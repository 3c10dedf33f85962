#![deny(deprecated)]

use topology_runtime::{topology, workflow_step};

const FEW: usize = 2;

#[derive(Clone)]
struct Order {
    account: u32,
}

#[workflow_step(timeout = 1s)]
async fn settle(order: Order) -> u32 {
    order.account
}

topology! {
    Orders<Order -> u32>;

    in -> settle -> out [capacity = 64, timeout = 1s];
    settle [replicas = FEW..=8, key = |order| order.account];
    else fail;
}

fn main() {}
