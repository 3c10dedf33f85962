use topology_runtime::{Failed, topology, workflow_step};

#[derive(Clone)]
struct Order {
    total: u64,
}

enum Verdict {
    Clear(Order),
    Suspect(Order),
}

#[workflow_step]
fn parse(order: Order) -> Order {
    order
}

#[workflow_step(timeout = 1s)]
async fn screen(order: Order) -> Verdict {
    match order.total {
        0..100 => Verdict::Clear(order),
        _ => Verdict::Suspect(order),
    }
}

#[workflow_step(timeout = 1s)]
async fn price(order: Order) -> Order {
    order
}

#[workflow_step(timeout = 1s)]
async fn review(order: Order) -> Order {
    order
}

#[workflow_step]
fn stamp(order: Order) -> Order {
    order
}

#[workflow_step]
fn summarise(priced: Order, reviewed: Order) -> Order {
    Order { total: priced.total.max(reviewed.total) }
}

#[workflow_step]
fn split(order: Order) -> Vec<Order> {
    vec![order]
}

#[workflow_step]
fn collect(orders: Vec<Order>) -> Order {
    Order { total: orders.iter().map(|order| order.total).sum() }
}

#[workflow_step]
fn audit(_order: Order) {}

#[workflow_step]
fn estimate(failed: Failed<Order>) -> Order {
    failed.payload
}

#[workflow_step]
fn guess(failed: Failed<Failed<Order>>) -> Order {
    failed.payload.payload
}

#[workflow_step]
fn store(orders: Vec<Order>) -> Vec<Order> {
    orders
}

#[derive(Default)]
struct Total(u64);

#[workflow_step]
impl Total {
    fn add(&mut self, order: Order) -> u64 {
        self.0 += order.total;
        self.0
    }
}
