use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn book(order: u32) -> u32 {
    order + 1
}

#[workflow_step]
fn summarise(price: Option<u32>, booked: Option<u32>) -> u32 {
    price.or(booked).unwrap_or(0)
}

topology! {
    Orders<u32 -> u32>;

    in -> price & book -> summarise -> out [capacity = 64, timeout = 1s];
    price, book else skip;
    else fail;
}

fn main() {
    let _running = Orders::start();
}
