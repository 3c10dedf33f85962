use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn store(row: u32) -> u32 {
    row
}

topology! {
    Orders<u32 -> u32>;

    in -> store [capacity = 64, timeout = 1s, batch = 50, linger = 10ms];
    store -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
