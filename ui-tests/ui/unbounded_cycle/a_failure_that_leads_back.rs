use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

#[workflow_step(timeout = 1s)]
async fn mend(failure: topology_runtime::Failure) -> u32 {
    failure.to_string().len() as u32
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> book -> out [capacity = 64, timeout = 1s];
    book else mend [capacity = 16, timeout = 1s];
    mend -> price [capacity = 16, timeout = 1s];
    mend else fail;
    else fail;
}

fn main() {
    let _running = Orders::start();
}
