use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn book(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn discount(price: u32) -> u32 {
    price / 2
}

#[workflow_step]
fn summarise(booked: u32, price: u32) -> u32 {
    booked + price
}

topology! {
    Orders<u32 -> u32>;

    in -> price & book [capacity = 64, timeout = 1s];
    price -> match {
        price if price > 100 => discount(price) [capacity = 64, timeout = 1s],
        price => out(price) [capacity = 64, timeout = 1s],
    };
    book & discount -> summarise -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
