use topology_runtime::workflow_step;

#[derive(Default)]
struct Totals {
    sum: u64,
}

#[workflow_step]
impl Totals {
    #[workflow_step]
    fn add(&mut self, order: u64) -> u64 {
        self.sum += order;
        self.sum
    }
}

fn main() {}
