#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

#[workflow_step]
fn report(failure: topology_runtime::Failure) {
    eprintln!("{failure}");
}

topology! {
    Orders<u32 -> u32?>;

    in -> price -> book -> out [capacity = 64, timeout = 1s];
    price, book else report [capacity = 16, timeout = 1s];
    report else fail;
}

fn main() {}
