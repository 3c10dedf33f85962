use topology_runtime::workflow_step;

struct Books;

impl Books {
    #[workflow_step]
    fn settle(order: u32) -> u32 {
        order + 1
    }
}

fn main() {}
