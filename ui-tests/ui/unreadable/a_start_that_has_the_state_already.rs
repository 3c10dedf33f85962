use topology_runtime::workflow_step;

struct Totals(u32);

#[workflow_step]
impl Totals {
    fn start(&mut self) -> Self {
        Totals(0)
    }

    fn add(&mut self, order: u32) -> u32 {
        self.0 += order;
        self.0
    }
}

fn main() {}
