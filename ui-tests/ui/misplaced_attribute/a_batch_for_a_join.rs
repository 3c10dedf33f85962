use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn a(row: u32) -> u32 {
    row
}

#[workflow_step]
fn b(row: u32) -> u32 {
    row
}

#[workflow_step]
fn both(a: u32, b: u32) -> u32 {
    a + b
}

topology! {
    Orders<u32 -> u32>;

    in -> a & b [capacity = 64, timeout = 1s];
    a & b -> both -> out [capacity = 64, timeout = 1s, batch = 50, linger = 10ms];
    else fail;
}

fn main() {}
