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

topology! {
    Orders<u32 -> u32>;

    in -> write -> read [capacity = 8, timeout = 1s];
    read -> match {
        Verdict::Good(order) => out(order) [capacity = 8, timeout = 1s],
        Verdict::Again(order) => write(order) [capacity = 3, timeout = 1s, rounds = 3],
    };
    write [replicas = 4, key = |order| order % 10];
    else fail;
}

fn main() {}
