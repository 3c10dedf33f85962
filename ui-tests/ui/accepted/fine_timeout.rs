#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(1500);

#[workflow_step(timeout = PATIENCE)]
async fn price(order: u32) -> u32 {
    order * 3
}

topology! {
    Orders<u32 -> u32>;

    in -> price [capacity = 64, timeout = 9s] -> out [capacity = 64, timeout = PATIENCE];
    else fail;
}

fn main() {}
