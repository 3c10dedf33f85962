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

#[workflow_step]
fn ask(order: u32) -> u32 {
    order
}

#[workflow_step]
fn note(order: u32) -> u32 {
    order
}

#[workflow_step]
fn both(note: u32, price: u32) -> u32 {
    note + price
}

topology! {
    Orders<u32 -> u32>;

    in -> ask -> note & split [capacity = 8, timeout = 1s];
    split -> each price [capacity = 8, timeout = 1s, limit = 100, within = 10s];
    note & price -> both -> out [capacity = 8, timeout = 1s];
    else fail;
}

fn main() {}
