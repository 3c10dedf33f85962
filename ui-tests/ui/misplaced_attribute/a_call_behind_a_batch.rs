use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn store(rows: Vec<u32>) -> Vec<u32> {
    rows
}

#[workflow_step]
fn show(row: u32) -> u32 {
    row
}

topology! {
    Orders<u32 -> u32>;

    in -> store >> show [capacity = 64, timeout = 1s, batch = 50, linger = 10ms];
    show -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
