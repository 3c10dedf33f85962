use topology_runtime::workflow_step;

struct Totals;

trait Adds {
    fn add(&mut self, order: u64) -> u64;
}

#[workflow_step]
impl Adds for Totals {
    fn add(&mut self, order: u64) -> u64 {
        order
    }
}

fn main() {}
