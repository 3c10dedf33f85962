use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step(timeout = 1s)]
async fn book(price: u32) -> u32 {
    price + 1
}

topology! {
    Orders<u32 -> u32>;

    #[allow(missing_capacity, reason = "it never has much to do")]
    in -> price -> book -> out [capacity = 4, timeout = 1s];
    else fail;
}

fn main() {}
