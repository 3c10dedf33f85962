use topology_runtime::workflow_step;

#[derive(Default)]
struct Totals {
    sum: u64,
}

#[workflow_step]
impl Totals {
    fn add<T: Into<u64>>(&mut self, order: T) -> u64 {
        self.sum += order.into();
        self.sum
    }
}

fn main() {}
