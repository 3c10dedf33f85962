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
fn check(verdict: Verdict) -> u32 {
    match verdict {
        Verdict::Good(order) | Verdict::Again(order) => order,
    }
}

#[workflow_step]
fn choose(order: u32) -> Verdict {
    Verdict::Good(order)
}

#[workflow_step]
fn mend(order: u32) -> u32 {
    order
}

topology! {
    Orders<u32 -> u32>;

    in -> write -> choose [capacity = 8, timeout = 1s];
    choose -> match {
        Verdict::Good(order) => read(order) [capacity = 8, timeout = 1s],
        Verdict::Again(order) => mend(order) [capacity = 8, timeout = 1s],
    };
    mend -> read [capacity = 8, timeout = 1s];
    read -> match {
        Verdict::Good(order) => out(order) [capacity = 8, timeout = 1s],
        Verdict::Again(order) => write(order) [capacity = 8, timeout = 1s, rounds = 3],
    };
    else fail;
}

fn main() {}
