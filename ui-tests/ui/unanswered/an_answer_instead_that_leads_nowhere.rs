use topology_runtime::{Failure, topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step]
fn report(failure: Failure) {
    eprintln!("{failure}");
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> out [capacity = 64, timeout = 1s];
    price else instead report [capacity = 16, timeout = 1s];
    report else fail;
}

fn main() {
    let _running = Orders::start();
}
