use topology_runtime::workflow_step;

struct Books(u32);

impl Books {
    #[workflow_step]
    fn settle(&self, order: u32) -> u32 {
        order + self.0
    }
}

fn main() {}
