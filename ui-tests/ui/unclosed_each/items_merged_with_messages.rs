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
fn route(order: u32) -> Option<u32> {
    Some(order)
}

#[workflow_step]
fn show(price: u32) -> u32 {
    price
}

topology! {
    Orders<u32 -> u32>;

    in -> route [capacity = 8, timeout = 1s];
    route -> match {
        Some(order) => split(order) [capacity = 8, timeout = 1s],
        None => show(0) [capacity = 8, timeout = 1s],
    };
    split -> each price [capacity = 8, timeout = 1s, limit = 100, within = 10s];
    price -> show [capacity = 8, timeout = 1s];
    show -> out [capacity = 8, timeout = 1s];
    else fail;
}

fn main() {}
