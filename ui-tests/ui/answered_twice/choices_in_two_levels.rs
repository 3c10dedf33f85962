use topology_runtime::{topology, workflow_step};

enum Verdict {
    Clear(u32),
    Suspect(u32),
}

enum Opinion {
    Harmless(u32),
    Fraud,
}

#[workflow_step(timeout = 1s)]
async fn screen(order: u32) -> Verdict {
    if order < 100 { Verdict::Clear(order) } else { Verdict::Suspect(order) }
}

#[workflow_step(timeout = 1s)]
async fn review(order: u32) -> Opinion {
    if order < 1000 { Opinion::Harmless(order) } else { Opinion::Fraud }
}

#[workflow_step(timeout = 1s)]
async fn audit(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn inspect(order: u32) -> u32 {
    order
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
        Verdict::Suspect(order) => inspect(order) [capacity = 16, timeout = 1s],
    };
    inspect -> review & audit [capacity = 16, timeout = 1s];
    review -> match {
        Opinion::Harmless(order) => settle(order) [capacity = 16, timeout = 1s],
        Opinion::Fraud => discard,
    };
    settle | audit -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
