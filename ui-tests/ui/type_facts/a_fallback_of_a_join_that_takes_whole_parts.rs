use topology_runtime::{topology, workflow_step};

use topology_runtime::Failed;

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

#[workflow_step(timeout = 1s)]
async fn notify(price: u32) -> u32 {
    price + 2
}

#[workflow_step(timeout = 1s)]
async fn answer(booked: u32, notified: u32) -> u32 {
    booked + notified
}

#[workflow_step]
fn report(failed: Failed<(u32, u32)>) {
    drop(failed);
}

topology! {
    Orders<u32 -> u32?>;

    in -> price -> book & notify -> answer -> out [capacity = 64, timeout = 1s];
    answer else report [capacity = 64, timeout = 1s];
    report else fail;
    else fail;
}

fn main() {
    let _running = Orders::start();
}
