use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn store(rows: Vec<u32>) -> usize {
    rows.len()
}

topology! {
    Orders<u32 -> usize>;

    in -> store [capacity = 64, timeout = 1s, batch = 50, linger = 10ms];
    store -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
