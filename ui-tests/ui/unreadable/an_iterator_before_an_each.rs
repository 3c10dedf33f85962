use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn split(order: String) -> impl Iterator<Item = char> {
    order.chars().collect::<Vec<_>>().into_iter()
}

#[workflow_step]
fn price(item: char) -> u32 {
    item as u32
}

#[workflow_step]
fn sum(prices: Vec<u32>) -> u32 {
    prices.iter().sum()
}

topology! {
    Orders<String -> u32>;

    in -> split [capacity = 8, timeout = 1s];
    split -> each price [capacity = 8, timeout = 1s, limit = 100, within = 10s];
    price -> all sum -> out [capacity = 8, timeout = 1s];
    else fail;
}

fn main() {}
