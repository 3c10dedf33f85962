use topology_runtime::{topology, workflow_step};

struct Order(u32);

#[workflow_step(timeout = 20ms)]
async fn parse(raw: String) -> Order {
    Order(raw.len() as u32)
}

#[workflow_step]
fn archive(order: Order) {
    println!("{}", order.0);
}

#[workflow_step(timeout = 1s)]
async fn settle(order: Order) -> u32 {
    order.0
}

topology! {
    Orders<String -> u32?>;

    in -> parse [capacity = 64, timeout = 1s];
    parse -> match {
        order if order.0 == 0 => archive(order) [capacity = 4, timeout = 1s],
        order => settle(order),
    };
    settle -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
