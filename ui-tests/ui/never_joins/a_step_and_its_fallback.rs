use topology_runtime::{Failed, topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step]
fn guess(failed: Failed<u32>) -> u32 {
    failed.payload * 4
}

#[workflow_step]
fn summarise(price: u32, guess: u32) -> u32 {
    price + guess
}

topology! {
    Orders<u32 -> u32>;

    in -> price [capacity = 64, timeout = 1s];
    price & guess -> summarise -> out [capacity = 64, timeout = 1s];
    price else guess [capacity = 16, timeout = 1s];
    guess else fail;
    else fail;
}

fn main() {
    let _running = Orders::start();
}
