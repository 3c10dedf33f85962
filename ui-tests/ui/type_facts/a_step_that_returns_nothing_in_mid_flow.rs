use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn log(order: u32) {
    println!("{order}");
}

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

topology! {
    Orders<u32 -> u32>;

    in -> log -> price -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
