use topology_runtime::{topology, workflow_step};

enum Verdict {
    Clear(u32),
    Suspect(u32),
    Duplicate,
}

#[workflow_step(timeout = 1s)]
async fn screen(order: u32) -> Verdict {
    match order {
        0 => Verdict::Duplicate,
        1..100 => Verdict::Clear(order),
        _ => Verdict::Suspect(order),
    }
}

#[workflow_step(timeout = 1s)]
async fn settle(order: u32) -> u32 {
    order
}

topology! {
    Orders<u32 -> u32?>;

    in -> screen [capacity = 64, timeout = 1s];
    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 64, timeout = 1s],
        Verdict::Duplicate => discard,
    };
    settle -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
