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

    in -> price -> book -> out [capacity = 4, timeout = 1s];
    #[allow(idle_boundary, reason = "the queue takes bursts")]
    else fail;
}

fn main() {}
