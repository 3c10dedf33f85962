use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn keep(number: u32) -> u32 {
    number
}

topology! {
    Inner<u32 -> u32?>;
    in -> keep -> out [capacity = 4, timeout = 1s];
    else fail;
}

topology! {
    Outer<u32 -> u32>;
    in -> keep -> Inner -> out [capacity = 4, timeout = 1s];
    else fail;
}

fn main() {}
