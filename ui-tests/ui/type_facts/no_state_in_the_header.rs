use topology_runtime::{topology, workflow_step};

struct Books(u32);

#[workflow_step(timeout = 1s)]
async fn settle(order: u32, books: &Books) -> u32 {
    order + books.0
}

topology! {
    Orders<u32 -> u32>;

    in -> settle -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
