use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

#[workflow_step(timeout = 1s)]
async fn notify(price: u32) -> String {
    price.to_string()
}

#[workflow_step(timeout = 1s)]
async fn answer(booked: u32, notice: String) -> u32 {
    booked + notice.len() as u32
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> book & notify -> answer -> out [capacity = 64, timeout = 1s];
    notify else skip;
    else fail;
}

fn main() {
    let _running = Orders::start();
}
