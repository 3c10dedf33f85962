use topology_runtime::{topology, workflow_step};

struct Order {
    account: u32,
}

#[derive(Default)]
struct Total(u32);

#[workflow_step]
impl Total {
    fn add(&mut self, order: Order) -> u32 {
        self.0 += order.account;
        self.0
    }
}

topology! {
    Orders<Order -> u32>;

    in -> Total -> out [capacity = 64, timeout = 2s];
    Total [replicas = 1..=4, key = |order| order.account];
    else fail;
}

fn main() {}
