use topology_runtime::{topology, workflow_step};

struct Order(u32);

#[workflow_step(timeout = 20ms)]
async fn parse(raw: String) -> Order {
    Order(raw.len() as u32)
}

struct Invoice(u32);

#[workflow_step(timeout = 1s)]
async fn settle(invoice: Invoice) -> u32 {
    invoice.0
}

topology! {
    Orders<String -> u32>;

    in -> parse -> settle -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
