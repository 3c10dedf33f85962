#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

struct Order(u32);

#[workflow_step(timeout = 20ms)]
async fn parse(raw: String) -> Order {
    Order(raw.len() as u32)
}

#[workflow_step(timeout = 1s, blocking)]
fn settle(order: Order) -> u32 {
    order.0
}

#[derive(Default)]
struct Ledger(Vec<u32>);

#[workflow_step(timeout = 1s, blocking)]
impl Ledger {
    fn enter(&mut self, entry: u32) {
        self.0.push(entry);
    }

    #[workflow_step(tick = 1min)]
    fn sync(&mut self) {
        self.0.clear();
    }
}

topology! {
    Entries<u32 -> !>;

    in -> Ledger [capacity = 64, timeout = 1s];
    else fail;
}

topology! {
    Orders<String -> u32?>;

    in -> parse [capacity = 64, timeout = 1s];
    parse -> match {
        Order(0) => discard,
        order => settle(order) [capacity = 64, timeout = 1s],
    };
    settle -> out [capacity = 64, timeout = 1s];
    settle [replicas = 4];
    else fail;
}

fn main() {}
