use topology_runtime::workflow_step;

use std::rc::Rc;

#[workflow_step(timeout = 1s)]
async fn settle(order: Rc<str>) -> usize {
    order.len()
}

fn main() {}
