//! Boundaries nest into a tree, whatever they are.

#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

#[workflow_step(idempotent)]
fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(idempotent, timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

mod inside {
    use super::*;

    topology! {
        pub Orders<u32 -> u32> [strategy = rest_for_one];

        in -> price -> book -> out [capacity = 64, timeout = 1s];
        boundary outer: process [restart = 5 in 60s, strategy = one_for_all] {
            price,
            boundary inner: process [restart = 3 in 1s, start = 1s] { book }
        }
        else fail;
    }
}

mod on_threads {
    use super::*;

    const ENDS: usize = 2;

    topology! {
        pub Orders<u32 -> u32>;

        in -> parse -> price -> book -> out [capacity = 64, timeout = 1s];
        boundary cpu: thread [threads = 2, restart = ENDS in 60s, strategy = rest_for_one] {
            parse,
            boundary pricing: process { boundary disk: thread { price } }
            boundary booking: process { book }
        }
        else fail;
    }
}

mod together {
    use super::*;

    topology! {
        pub Orders<u32 -> u32>;

        in -> parse -> price -> book -> out [capacity = 64, timeout = 1s];
        boundary group: thread [restart = 5 in 60s, strategy = one_for_all] {
            boundary pricing: process { price }
            boundary threads: thread { boundary booking: process { book } }
        }
        else fail;
    }
}

fn main() {
    inside::Orders::run_if_child();
    on_threads::Orders::run_if_child();
    together::Orders::run_if_child();
}
