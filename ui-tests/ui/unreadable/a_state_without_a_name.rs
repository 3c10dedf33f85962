use topology_runtime::workflow_step;

#[workflow_step]
impl (u32, u32) {
    fn take(&mut self, order: u32) -> u32 {
        order
    }
}

fn main() {}
