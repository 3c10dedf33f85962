use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn parse(order: u32) -> u32 {
    order + 1
}

#[derive(Default)]
struct Sum(u32);

#[workflow_step(idempotent)]
impl Sum {
    fn add(&mut self, order: u32) -> u32 {
        self.0 += order;
        self.0
    }

    fn finish(self) -> Option<u32> {
        None
    }
}

#[workflow_step]
fn book(_: u32) {}

topology! {
    Orders<u32 -> !>;

    in -> parse -> Sum -> book [capacity = 64, timeout = 1s];
    boundary apart: process { Sum }
    else fail;
}

fn main() {
    Orders::run_if_child();
    let _running = Orders::start();
}
