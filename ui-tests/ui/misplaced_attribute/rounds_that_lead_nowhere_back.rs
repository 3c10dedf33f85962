use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn split(order: u32) -> Vec<u32> {
    vec![order]
}

#[workflow_step]
fn price(item: u32) -> u32 {
    item
}

#[workflow_step]
fn sum(prices: Vec<u32>) -> u32 {
    prices.iter().sum()
}

topology! {
    Orders<u32 -> u32>;

    in -> price [capacity = 8, timeout = 1s];
    price -> out [capacity = 8, timeout = 1s, rounds = 2];
    else fail;
}

fn main() {}
