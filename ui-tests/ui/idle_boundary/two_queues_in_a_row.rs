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

#[workflow_step]
fn show(price: u32) -> String {
    price.to_string()
}

topology! {
    Prices<u32 -> String>;

    in -> price -> round -> show -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
