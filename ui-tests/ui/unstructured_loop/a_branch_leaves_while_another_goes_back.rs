use topology_runtime::{topology, workflow_step};

#[derive(Clone)]
enum Verdict {
    Good(u32),
    Again(u32),
}

#[workflow_step]
fn write(order: u32) -> u32 {
    order
}

#[workflow_step]
fn read(order: u32) -> Verdict {
    if order > 9 {
        Verdict::Good(order)
    } else {
        Verdict::Again(order + 1)
    }
}

#[workflow_step]
fn note(order: u32) -> u32 {
    order
}

#[workflow_step]
fn keep(order: u32) -> u32 {
    order
}

#[workflow_step]
fn file(note: u32, order: u32) -> u32 {
    note + order
}

topology! {
    Orders<u32 -> u32>;

    in -> write -> note & read [capacity = 8, timeout = 1s];
    read -> match {
        Verdict::Good(order) => keep(order) [capacity = 8, timeout = 1s],
        Verdict::Again(order) => write(order) [capacity = 64, timeout = 1s, rounds = 3],
    };
    note & keep -> file -> out [capacity = 8, timeout = 1s];
    else fail;
}

fn main() {}
