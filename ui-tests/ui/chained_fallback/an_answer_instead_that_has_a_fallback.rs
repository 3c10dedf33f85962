use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

#[workflow_step]
fn report(failure: topology_runtime::Failure) {
    eprintln!("{failure}");
}

#[workflow_step]
fn apologise(failure: topology_runtime::Failure) -> u32 {
    failure.to_string().len() as u32
}

topology! {
    Orders<u32 -> u32?>;

    in -> book [capacity = 64, timeout = 1s];
    book else instead apologise [capacity = 16, timeout = 1s];
    apologise else report [capacity = 16, timeout = 1s];
    book | apologise -> out [capacity = 16, timeout = 1s];
    report else fail;
    else fail;
}

fn main() {
    let _running = Orders::start();
}
