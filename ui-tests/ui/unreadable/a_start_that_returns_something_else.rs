use topology_runtime::workflow_step;

struct Totals {
    sum: u64,
}

#[workflow_step]
impl Totals {
    fn start() -> Result<Self, String> {
        Ok(Self { sum: 0 })
    }

    fn add(&mut self, order: u64) -> u64 {
        self.sum += order;
        self.sum
    }
}

fn main() {}
