use topology_runtime::{topology, workflow_step};

enum Verdict {
    Clear(u32),
    Suspect(u32),
}

enum Opinion {
    Harmless(u32),
    Fraud(u32),
}

#[workflow_step(timeout = 1s)]
async fn screen(order: u32) -> Verdict {
    if order < 100 { Verdict::Clear(order) } else { Verdict::Suspect(order) }
}

#[workflow_step(timeout = 1s)]
async fn review(order: u32) -> Opinion {
    if order < 1000 { Opinion::Harmless(order) } else { Opinion::Fraud(order) }
}

#[workflow_step(timeout = 1s)]
async fn settle(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn insure(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn refund(order: u32) -> u32 {
    order
}

#[workflow_step]
fn record(settled: u32, insured: u32) -> u32 {
    settled + insured
}

topology! {
    Orders<u32 -> u32>;

    in -> screen [capacity = 64, timeout = 1s];
    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 64, timeout = 1s],
        Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
    };
    review -> match {
        Opinion::Harmless(order) => insure(order) [capacity = 16, timeout = 1s],
        Opinion::Fraud(order) => refund(order) [capacity = 16, timeout = 1s],
    };
    settle & insure -> record [capacity = 64, timeout = 1s];
    record | refund -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
