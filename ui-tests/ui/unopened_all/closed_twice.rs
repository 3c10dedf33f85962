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
fn count(prices: Vec<u32>) -> u32 {
    prices.into_iter().map(|_| 1).sum()
}

#[workflow_step]
fn both(sum: u32, count: u32) -> u32 {
    sum + count
}

#[workflow_step]
fn tax(item: u32) -> u32 {
    item
}

#[workflow_step]
fn net(item: u32) -> u32 {
    item
}

topology! {
    Orders<u32 -> u32>;

    in -> split [capacity = 8, timeout = 1s];
    split -> each price [capacity = 8, timeout = 1s, limit = 100, within = 10s];
    price -> tax & net [capacity = 8, timeout = 1s];
    tax -> all sum [capacity = 8, timeout = 1s];
    net -> all count [capacity = 8, timeout = 1s];
    sum & count -> both -> out [capacity = 8, timeout = 1s];
    else fail;
}

fn main() {}
