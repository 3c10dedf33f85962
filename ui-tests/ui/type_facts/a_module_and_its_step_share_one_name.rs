use topology_runtime::{topology, workflow_step};

struct Order(u32);

#[workflow_step(timeout = 20ms)]
async fn parse(raw: String) -> Order {
    Order(raw.len() as u32)
}

mod settle {
    use topology_runtime::workflow_step;

    #[workflow_step(timeout = 1s)]
    pub(crate) async fn settle(order: super::Order) -> u32 {
        order.0
    }
}

use settle::settle;

topology! {
    Orders<String -> u32>;

    in -> parse -> settle -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
