use topology_runtime::{topology, workflow_step};

#[workflow_step(blocking)]
fn hash(image: Vec<u8>) -> usize {
    image.len()
}

topology! {
    Images<Vec<u8> -> usize>;

    in -> hash -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Images::start();
}
