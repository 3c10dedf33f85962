#![deny(deprecated)]

use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step]
fn round(price: u32) -> u32 {
    price / 10 * 10
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> round -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
