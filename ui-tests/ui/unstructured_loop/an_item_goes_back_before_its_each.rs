use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
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

topology! {
    Orders<u32 -> u32>;

    in -> split [capacity = 4, timeout = 1s];
    split -> each price [capacity = 4, timeout = 1s, limit = 10, within = 10s];
    price -> match {
        0 => split(0) [capacity = 4, timeout = 1s, rounds = 3],
        item => book(item) [capacity = 4, timeout = 1s],
    };
    book -> all sum -> out [capacity = 4, timeout = 1s];
    else fail;
}

fn main() {}
