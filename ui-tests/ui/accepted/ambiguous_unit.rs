#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

struct Order(u32);

#[workflow_step(timeout = 20ms)]
async fn parse(raw: String) -> Order {
    Order(raw.len() as u32)
}

#[workflow_step(timeout = 1s)]
async fn settle(order: Order) -> u32 {
    order.0
}

topology! {
    Orders<String -> u32>;

    in -> parse [capacity = 64, timeout = 1.5s]
        -> settle [capacity = 1_024, timeout = 5min]
        -> out [capacity = 64usize, timeout = 1h];
    else fail;
}

fn main() {}
