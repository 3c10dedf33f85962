use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn keep(number: u32) -> u32 {
    number
}

topology! {
    Numbers<u32 -> u32>;
    in -> keep -> Numbers -> out [capacity = 4, timeout = 1s];
    else fail;
}

fn main() {}
