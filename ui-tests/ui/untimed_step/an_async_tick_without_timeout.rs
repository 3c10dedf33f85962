use topology_runtime::workflow_step;

#[derive(Default)]
struct Totals {
    sum: u64,
}

#[workflow_step]
impl Totals {
    fn add(&mut self, order: u64) -> u64 {
        self.sum += order;
        self.sum
    }

    #[workflow_step(tick = 1s)]
    async fn flush(&mut self) -> Option<u64> {
        Some(self.sum)
    }
}

fn main() {}
