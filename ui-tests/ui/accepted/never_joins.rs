#![deny(warnings)]

use topology_runtime::{Failed, Failure, topology, workflow_step};

enum Verdict {
    Clear(u32),
    Suspect(u32),
    Duplicate,
}

#[workflow_step(timeout = 1s)]
async fn screen(order: u32) -> Verdict {
    match order {
        0 => Verdict::Duplicate,
        1..100 => Verdict::Clear(order),
        _ => Verdict::Suspect(order),
    }
}

#[workflow_step(timeout = 1s)]
async fn settle(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn review(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn notify(order: u32) -> u32 {
    order
}

#[workflow_step]
fn guess(failed: Failed<u32>) -> u32 {
    failed.payload
}

#[workflow_step]
fn apologise(failure: Failure) -> u32 {
    eprintln!("{failure}");
    0
}

#[workflow_step]
fn record(order: u32) -> u32 {
    order
}

#[workflow_step]
fn summarise(recorded: u32, notified: Option<u32>) -> u32 {
    recorded + notified.unwrap_or(0)
}

#[workflow_step]
fn either(recorded: Option<u32>, notified: Option<u32>) -> u32 {
    recorded.or(notified).unwrap_or(0)
}

// Choices that merge before the join, and a part that can be skipped.
topology! {
    Merged<u32 -> u32?>;

    in -> screen [capacity = 64, timeout = 1s];
    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 64, timeout = 1s],
        Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
        Verdict::Duplicate => discard,
    };
    settle | review -> record & notify [capacity = 64, timeout = 1s];
    record & notify -> summarise -> out [capacity = 64, timeout = 1s];
    notify else skip;
    else fail;
}

// A choice on one branch that is made up for before the join, or ends quietly.
topology! {
    Branched<u32 -> u32?>;

    in -> screen & notify [capacity = 64, timeout = 1s];
    screen -> match {
        Verdict::Clear(order) => record(order) [capacity = 64, timeout = 1s],
        _ => discard,
    };
    record & notify -> either -> out [capacity = 64, timeout = 1s];
    notify else skip;
    else fail;
}

// A fallback that merges with the step it stands in for, and one instead of
// the whole.
topology! {
    Guessed<u32 -> u32>;

    in -> settle & notify [capacity = 64, timeout = 1s];
    settle | guess -> record [capacity = 64, timeout = 1s];
    record & notify -> summarise [capacity = 64, timeout = 1s];
    summarise | apologise -> out [capacity = 64, timeout = 1s];
    settle else guess [capacity = 16, timeout = 1s];
    guess else fail;
    notify else skip;
    record else instead apologise [capacity = 16, timeout = 1s];
    apologise else fail;
    else fail;
}

fn main() {}
