use topology_runtime::{topology, workflow_step};

enum Verdict {
    Clear(u32),
    Suspect { order: u32, reason: String },
}

enum Opinion {
    Harmless(u32),
    Fraud(u32),
}

#[workflow_step(timeout = 1s)]
async fn screen(order: u32) -> Verdict {
    match order {
        ..100 => Verdict::Clear(order),
        _ => Verdict::Suspect { order, reason: "large".to_owned() },
    }
}

#[workflow_step(timeout = 1s)]
async fn review(order: u32) -> Opinion {
    if order < 1000 { Opinion::Harmless(order) } else { Opinion::Fraud(order) }
}

#[workflow_step(timeout = 1s)]
async fn block(order: u32) {
    println!("{order}");
}

#[workflow_step(timeout = 1s)]
async fn settle(order: u32) -> u32 {
    order
}

topology! {
    Orders<u32 -> u32>;

    in -> screen [capacity = 64, timeout = 1s];
    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 64, timeout = 1s],
        Verdict::Suspect { order, reason } if reason == "large" => review(order) [capacity = 16, timeout = 1s],
        Verdict::Suspect { order, .. } => review(order),
    };
    review -> match {
        Opinion::Harmless(order) => settle(order) [capacity = 16, timeout = 1s],
        Opinion::Fraud(order) => block(order) [capacity = 16, timeout = 1s],
    };
    settle -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
