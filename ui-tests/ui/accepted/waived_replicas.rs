#![deny(deprecated)]

use topology_runtime::{topology, workflow_step};

#[derive(Clone)]
struct Order {
    account: u32,
}

#[workflow_step(timeout = 1s)]
async fn settle(order: Order) -> Order {
    order
}

#[derive(Default)]
struct Total(u32);

#[workflow_step]
impl Total {
    fn add(&mut self, order: Order) -> u32 {
        self.0 += order.account;
        self.0
    }
}

topology! {
    Orders<Order -> u32>;

    in -> settle -> Total -> out [capacity = 64, timeout = 2s];
    settle [replicas = 8];
    #[allow(unkeyed_replicas, reason = "the sums are added up later")]
    Total [replicas = 4];
    else fail;
}

fn main() {}
