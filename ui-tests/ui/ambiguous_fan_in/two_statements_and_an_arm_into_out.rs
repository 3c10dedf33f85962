use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn screen(order: u32) -> Option<u32> {
    order.checked_sub(100)
}

#[workflow_step(timeout = 1s)]
async fn settle(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn review(order: u32) -> u32 {
    order
}

topology! {
    Orders<u32 -> u32>;

    in -> screen [capacity = 64, timeout = 1s];
    screen -> match {
        None => out(0) [capacity = 64, timeout = 1s],
        Some(0) => settle(0) [capacity = 64, timeout = 1s],
        Some(order) => review(order) [capacity = 16, timeout = 1s],
    };
    settle -> out [capacity = 64, timeout = 1s];
    review -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
