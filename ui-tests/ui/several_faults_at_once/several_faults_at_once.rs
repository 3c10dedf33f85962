use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 5)]
async fn price(order: &u32) -> u32 {
    order * 3
}

#[workflow_step]
async fn book(price: u32) -> u32 {
    price + 1
}

topology! {
    Orders<u32 -> u32>;

    in => price [capacity = 0, timeout = 1s];
    price -> book [capcity = 64, timeout = 5m];
    book -> out;
    boook else skip;
    boook [replicas = 0];
    book [capacity = 4];
    book else fail;
    book else skip;
}

fn main() {}
