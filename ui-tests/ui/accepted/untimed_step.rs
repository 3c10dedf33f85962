#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

#[workflow_step(blocking, timeout = 2s)]
fn hash(image: Vec<u8>) -> usize {
    image.len()
}

#[workflow_step(timeout = 20ms)]
async fn store(hash: usize) -> usize {
    hash
}

#[workflow_step]
fn count(hash: usize) -> usize {
    hash + 1
}

topology! {
    Images<Vec<u8> -> usize>;

    in -> hash -> store -> count -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
