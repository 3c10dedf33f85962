use topology_runtime::{topology, workflow_step};

type Priced = Result<u32, String>;

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> Priced {
    order.checked_mul(3).ok_or_else(|| "too much".into())
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

topology! {
    Orders<u32 -> u32>;

    in -> price -> book -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
