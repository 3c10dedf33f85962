#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step]
fn book(price: u32) -> u32 {
    price + 1
}

#[workflow_step]
fn file(price: u32) -> u32 {
    price
}

const FIRST: usize = 2;
const CORES: &[usize] = &[0, FIRST];
const THREADS: usize = 4;

topology! {
    Orders<u32 -> u32>;

    in -> parse -> price -> book -> file -> out [capacity = 64, timeout = 1s];
    boundary reading: thread [cores = [0, FIRST + 1, 2]] { parse }
    boundary cpu: thread [threads = THREADS, cores = FIRST..=5] { price }
    boundary books: thread [cores = CORES] { book }
    boundary files: thread [threads = 2, cores = [1]] { file }
    else fail;
}

fn main() {}
