use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn left(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn right(order: u32) -> u32 {
    order
}

#[workflow_step]
fn note(order: u32) -> u32 {
    order
}

#[workflow_step]
fn both(booked: Option<u32>, noted: Option<u32>) -> u32 {
    booked.or(noted).unwrap_or(0)
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> left & right [capacity = 4, timeout = 1s];
    left -> match {
        0 => price(0) [capacity = 64, timeout = 1s, rounds = 3],
        order => book(order) [capacity = 4, timeout = 1s],
    };
    right -> match {
        0 => price(0) [capacity = 64, timeout = 1s, rounds = 3],
        order => note(order) [capacity = 4, timeout = 1s],
    };
    book & note -> both -> out [capacity = 4, timeout = 1s];
    else fail;
}

fn main() {}
