use topology_runtime::{StepContext, workflow_step};

struct Totals(u32);

#[workflow_step]
impl Totals {
    fn start(context: &StepContext) -> Self {
        let _ = context;
        Totals(0)
    }

    fn add(&mut self, order: u32) -> u32 {
        self.0 += order;
        self.0
    }
}

fn main() {}
