use std::rc::Rc;

use topology_runtime::{topology, workflow_step};

#[derive(Default)]
struct Totals {
    sum: Rc<u64>,
}

#[workflow_step]
impl Totals {
    fn add(&mut self, order: u64) -> u64 {
        *self.sum + order
    }
}

topology! {
    Sums<u64 -> u64>;
    in -> Totals -> out [capacity = 4, timeout = 1s];
    else fail;
}

fn main() {}
