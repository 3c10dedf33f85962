use topology_runtime::workflow_step;

struct Totals {
    sum: u64,
}

#[workflow_step]
impl Totals {
    fn start(sum: u64) -> Self {
        Self { sum }
    }

    fn add(&mut self, order: u64) -> u64 {
        self.sum += order;
        self.sum
    }
}

fn main() {}
