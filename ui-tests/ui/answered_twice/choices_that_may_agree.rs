use topology_runtime::{topology, workflow_step};

enum Size {
    Small(u32),
    Large(u32),
}

#[workflow_step(timeout = 1s)]
async fn weigh(order: u32) -> Size {
    if order < 100 { Size::Small(order) } else { Size::Large(order) }
}

#[workflow_step(timeout = 1s)]
async fn measure(order: u32) -> Size {
    if order < 100 { Size::Small(order) } else { Size::Large(order) }
}

topology! {
    Orders<u32 -> u32?>;

    in -> weigh & measure [capacity = 64, timeout = 1s];
    weigh -> match {
        Size::Small(order) if order > 10 => out(order) [capacity = 64, timeout = 1s],
        Size::Small(_) | Size::Large(_) => discard,
    };
    measure -> match {
        Size::Small(_) => discard,
        Size::Large(order) => out(order) [capacity = 64, timeout = 1s],
    };
    else fail;
}

fn main() {
    let _running = Orders::start();
}
