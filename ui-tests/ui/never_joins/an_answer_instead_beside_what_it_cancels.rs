use topology_runtime::{Failure, topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn book(order: u32) -> u32 {
    order
}

#[workflow_step]
fn apologise(failure: Failure) -> u32 {
    eprintln!("{failure}");
    0
}

#[workflow_step]
fn summarise(booked: u32, price: u32) -> u32 {
    booked + price
}

topology! {
    Orders<u32 -> u32>;

    in -> price & book [capacity = 64, timeout = 1s];
    price | apologise -> summarise_price [capacity = 64, timeout = 1s];
    book & summarise_price -> summarise -> out [capacity = 64, timeout = 1s];
    price else instead apologise [capacity = 16, timeout = 1s];
    apologise else fail;
    else fail;
}

#[workflow_step]
fn summarise_price(price: u32) -> u32 {
    price
}

fn main() {
    let _running = Orders::start();
}
