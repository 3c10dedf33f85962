use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn store(rows: Vec<u32>) -> Vec<u32> {
    rows
}

topology! {
    Orders<u32 -> u32>;

    in -> store [capacity = 64, timeout = 1s, batch = 100, linger = 10ms];
    store -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
