#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn split(order: u32) -> Vec<u32> {
    vec![order]
}

#[workflow_step]
fn price(item: u32) -> u32 {
    item
}

topology! {
    Orders<u32 -> Vec<u32>>;

    in -> split -> each price -> all out [capacity = 8, timeout = 1s, limit = 100, within = 10s];
    else fail;
}

fn main() {}
