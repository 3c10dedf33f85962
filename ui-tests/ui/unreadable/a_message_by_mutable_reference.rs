use topology_runtime::workflow_step;

struct Order(u32);

#[workflow_step]
fn settle(order: &mut Order) -> u32 {
    order.0
}

fn main() {}
