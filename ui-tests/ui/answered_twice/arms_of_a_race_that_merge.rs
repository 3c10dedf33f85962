use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn ask(order: u32) -> u32 {
    order
}

#[workflow_step]
fn fast(order: u32) -> u32 {
    order
}

#[workflow_step]
fn slow(order: u32) -> u32 {
    order
}

#[workflow_step]
fn show(order: u32) -> u32 {
    order
}

topology! {
    Orders<u32 -> u32>;

    in -> ask -> fast ^ slow [capacity = 8, timeout = 1s];
    fast | slow -> show -> out [capacity = 8, timeout = 1s];
    else fail;
}

fn main() {}
