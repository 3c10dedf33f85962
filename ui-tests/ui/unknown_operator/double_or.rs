use topology_runtime::{topology, workflow_step};

enum Verdict {
    Clear(u32),
    Suspect(u32),
}

#[workflow_step(timeout = 1s)]
async fn screen(order: u32) -> Verdict {
    if order > 100 { Verdict::Suspect(order) } else { Verdict::Clear(order) }
}

#[workflow_step(timeout = 1s)]
async fn settle(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn review(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn record(order: u32) -> u32 {
    order
}

topology! {
    Orders<u32 -> u32>;

    in -> screen [capacity = 64, timeout = 1s];
    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 64, timeout = 1s],
        Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
    };
    settle || review -> record -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
