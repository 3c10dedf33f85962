use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn store(rows: Vec<u32>) -> Vec<u32> {
    rows
}

const ROOM: usize = 64;

topology! {
    Orders<u32 -> u32>;

    in -> store [capacity = ROOM, timeout = 1s, batch = ROOM * 2, linger = 10ms];
    store -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
