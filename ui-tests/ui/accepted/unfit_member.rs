#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
}

/// A step may have the name of the word, and run elsewhere.
#[workflow_step(timeout = 1min, blocking)]
fn boundary(price: u32) -> u32 {
    price + 1
}

topology! {
    Orders<u32 -> u32?>;

    in -> parse -> price -> boundary -> out [capacity = 64, timeout = 5min];
    boundary cpu: thread { price }
    boundary [replicas = 2];
    boundary else skip;
    else fail;
}

fn main() {}
