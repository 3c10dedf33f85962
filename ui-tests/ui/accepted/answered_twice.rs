#![deny(warnings)]

use topology_runtime::{Failed, topology, workflow_step};

enum Verdict {
    Clear(u32),
    Suspect(u32),
}

enum Opinion {
    Harmless(u32),
    Fraud(u32),
}

#[workflow_step(timeout = 1s)]
async fn screen(order: u32) -> Verdict {
    if order < 100 { Verdict::Clear(order) } else { Verdict::Suspect(order) }
}

#[workflow_step(timeout = 1s)]
async fn review(order: u32) -> Opinion {
    if order < 1000 { Opinion::Harmless(order) } else { Opinion::Fraud(order) }
}

#[workflow_step(timeout = 1s)]
async fn settle(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn refund(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn archive(order: u32) {
    println!("{order}");
}

#[workflow_step(timeout = 1s)]
async fn audit(order: u32) -> u32 {
    order
}

#[workflow_step]
fn guess(failed: Failed<u32>) -> u32 {
    failed.payload
}

#[workflow_step]
fn both(settled: u32, audited: u32) -> u32 {
    settled.max(audited)
}

// Ways that exclude each other, in two levels, and a branch that ends in a
// sink.
topology! {
    Chosen<u32 -> u32>;

    in -> screen & archive [capacity = 64, timeout = 1s];
    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 64, timeout = 1s],
        Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
    };
    review -> match {
        Opinion::Harmless(order) => settle(order) [capacity = 16, timeout = 1s],
        Opinion::Fraud(order) => refund(order) [capacity = 16, timeout = 1s],
    };
    settle | refund -> out [capacity = 64, timeout = 1s];
    archive else skip;
    else fail;
}

// A step or its fallback: one of them brings the message.
topology! {
    Guessed<u32 -> u32>;

    in -> settle & audit [capacity = 64, timeout = 1s];
    settle | guess -> refund [capacity = 64, timeout = 1s];
    refund & audit -> both -> out [capacity = 64, timeout = 1s];
    settle else guess [capacity = 16, timeout = 1s];
    guess else fail;
    else fail;
}

fn main() {}
