use topology_runtime::workflow_step;

use std::rc::Rc;

#[workflow_step]
fn read(order: String, notice: Rc<str>) -> String {
    order + &notice
}

fn main() {}
