#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

const ROOM: usize = 1;

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

    in -> parse >> settle -> out [capacity = ROOM, timeout = 9s];
    parse [replicas = 1];
    else fail;
}

fn main() {}
