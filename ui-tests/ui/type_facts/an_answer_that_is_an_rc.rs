use topology_runtime::workflow_step;

use std::rc::Rc;

#[workflow_step(timeout = 1s)]
async fn read(order: String) -> Rc<str> {
    order.into()
}

fn main() {}
