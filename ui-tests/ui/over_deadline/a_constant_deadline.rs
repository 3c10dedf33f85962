#![allow(deprecated, reason = "the edges are hasty, and another rule is the point")]
use std::time::Duration;

use topology_runtime::{topology, workflow_step};

const PATIENCE: Duration = Duration::from_secs(2);

#[workflow_step(timeout = 300ms)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 900ms)]
async fn book(order: u32) -> u32 {
    order + 1
}

#[workflow_step]
fn summarise(price: u32, booked: u32) -> u32 {
    price + booked
}

topology! {
    Orders<u32 -> u32> [deadline = PATIENCE];

    in -> price & book -> summarise -> out [capacity = 64, timeout = 500ms];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
