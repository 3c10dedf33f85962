//! What the editor has open.

use topology_runtime::{Failure, topology, workflow_step};

pub struct Order {
    pub account: u32,
    pub cents: u64,
}

impl Order {
    pub fn is_large(&self) -> bool {
        self.cents > 1000
    }
}

pub enum Verdict {
    Clear(Order),
    Suspect(Order),
    Duplicate,
}

pub mod desk {
    #[topology_runtime::workflow_step(timeout = 1s)]
    pub async fn review(order: super::Order) -> super::Order {
        order
    }
}

/// Reads an order.
#[workflow_step]
fn parse(order: Order) -> Order {
    order
}

#[workflow_step(timeout = 1s)]
async fn screen(order: Order) -> Verdict {
    Verdict::Clear(order)
}

#[workflow_step(timeout = 1s)]
async fn settle(order: Order) -> Order {
    order.is_large();
    order
}

#[workflow_step]
fn record(order: Order) -> Order {
    order
}

#[workflow_step]
fn report(_failure: Failure) {}

topology! {
    pub Orders<Order -> Order?>;

    use desk::review as second;

    in -> parse -> screen [capacity = 4, timeout = 2s];

    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 4, timeout = 2s],
        Verdict::Suspect(order) => second(order) [capacity = 4, timeout = 2s],
        Verdict::Duplicate => discard,
    };

    settle | second -> record -> out [capacity = 4, timeout = 2s];

    record [replicas = 4];
    settle else report [capacity = 4, timeout = 2s];
    report else skip;
    else fail;
}
