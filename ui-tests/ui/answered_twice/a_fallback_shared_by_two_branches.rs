use topology_runtime::{Failed, topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn archive(order: u32) {
    println!("{order}");
}

#[workflow_step]
fn guess(failed: Failed<u32>) -> u32 {
    failed.payload
}

topology! {
    Orders<u32 -> u32>;

    in -> price & archive [capacity = 64, timeout = 1s];
    price | guess -> out [capacity = 64, timeout = 1s];
    price, archive else guess [capacity = 16, timeout = 1s];
    guess else fail;
    else fail;
}

fn main() {
    let _running = Orders::start();
}
