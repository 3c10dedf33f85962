#![deny(warnings)]

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
async fn notify(price: u32) -> u32 {
    price + 2
}

#[workflow_step(timeout = 1s)]
async fn answer(part: u32) -> u32 {
    part
}

topology! {
    Orders<u32 -> u32>;

    in -> price [capacity = 64, timeout = 1s];
    price -> match {
        0 => book(0) [capacity = 64, timeout = 1s],
        n => notify(n) [capacity = 64, timeout = 1s],
    };
    book | notify -> answer -> out [capacity = 64, timeout = 1s];
    else fail;
}

// An arm and a chain into one step, and into `out`.
topology! {
    ArmAndChain<u32 -> u32>;

    in -> price [capacity = 64, timeout = 1s];
    price -> match {
        0 => out(0) [capacity = 4, timeout = 1s],
        n if n > 100 => notify(n) [capacity = 4, timeout = 1s],
        n => book(n) [capacity = 64, timeout = 1s],
    };
    notify -> book -> out [capacity = 64, timeout = 1s];
    else fail;
}

// Arms of two matches into one step.
topology! {
    TwoMatches<u32 -> u32?>;

    in -> price [capacity = 64, timeout = 1s];
    price -> match {
        0 => book(0) [capacity = 4, timeout = 1s],
        n => notify(n) [capacity = 4, timeout = 1s],
    };
    notify -> match {
        0 => discard,
        n => book(n) [capacity = 4, timeout = 1s],
    };
    book -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
