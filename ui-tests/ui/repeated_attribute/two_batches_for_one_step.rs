use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn store(rows: Vec<u32>) -> Vec<u32> {
    rows
}

#[workflow_step]
fn a(row: u32) -> u32 {
    row
}

#[workflow_step]
fn b(row: u32) -> u32 {
    row
}

topology! {
    Orders<u32 -> u32>;

    in -> a [capacity = 64, timeout = 1s];
    a -> match {
        0 => store(0) [capacity = 64, timeout = 1s, batch = 50, linger = 10ms],
        row => b(row) [capacity = 64, timeout = 1s],
    };
    b -> store [capacity = 64, timeout = 1s, batch = 60, linger = 10ms];
    store -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
