use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn stamp(price: u32) -> u32 {
    price
}

#[workflow_step]
fn split(order: u32) -> Vec<u32> {
    vec![order]
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

#[workflow_step]
fn sum(prices: Vec<u32>) -> u32 {
    prices.iter().sum()
}

#[workflow_step]
fn report(failure: topology_runtime::Failure) -> u32 {
    u32::try_from(failure.attempts()).unwrap_or(0)
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> split [capacity = 4, timeout = 1s];
    split -> each book [capacity = 4, timeout = 1s, limit = 10, within = 10s];
    book | report -> stamp -> all sum -> out [capacity = 4, timeout = 1s];
    price, book else report [capacity = 4, timeout = 1s];
    report else fail;
    else fail;
}

fn main() {}
