#![deny(warnings)]

use topology_runtime::{Failure, topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> Option<u32> {
    order.checked_mul(3)
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

#[workflow_step(timeout = 1s)]
async fn archive(order: u32) -> u32 {
    order
}

#[workflow_step]
fn apologise(failure: Failure) -> u32 {
    eprintln!("{failure}");
    0
}

#[workflow_step]
fn report(failure: Failure) {
    eprintln!("{failure}");
}

#[workflow_step]
fn summarise(booked: u32, archived: Option<u32>) -> u32 {
    booked.max(archived.unwrap_or(0))
}

// Some messages have no answer, and the signature says so.
topology! {
    Maybe<u32 -> u32?>;

    in -> price [capacity = 64, timeout = 1s];
    price -> match {
        Some(price) => book(price) [capacity = 64, timeout = 1s],
        None => discard,
    };
    book -> out [capacity = 64, timeout = 1s];
    book else report [capacity = 16, timeout = 1s];
    report else skip;
    else fail;
}

// Every way leads to `out`, or fails; a skipped part is made up for.
topology! {
    Always<u32 -> u32>;

    in -> price & archive [capacity = 64, timeout = 1s];
    price -> match {
        Some(price) => book(price) [capacity = 64, timeout = 1s],
        None => book(0),
    };
    book & archive -> summarise [capacity = 64, timeout = 1s];
    summarise | apologise -> out [capacity = 64, timeout = 1s];
    book else instead apologise [capacity = 16, timeout = 1s];
    apologise else abort;
    archive else skip;
    else fail;
}

fn main() {}
