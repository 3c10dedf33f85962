use topology_runtime::{topology, workflow_step};

struct Order(u32);

#[workflow_step(timeout = 20ms)]
async fn parse(raw: String) -> Order {
    Order(raw.len() as u32)
}

#[workflow_step(timeout = 1s)]
async fn settle(order: Order) -> u32 {
    order.0
}

topology! {
    Orders<String -> u32>;

    use settle as out;
    in -> parse -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
