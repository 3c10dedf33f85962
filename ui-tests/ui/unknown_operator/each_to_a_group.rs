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

    in -> split [capacity = 8, timeout = 1s];
    split -> each price & sum [capacity = 8, timeout = 1s, limit = 100, within = 10s];
    price | sum -> out [capacity = 8, timeout = 1s];
    else fail;
}

fn main() {}
