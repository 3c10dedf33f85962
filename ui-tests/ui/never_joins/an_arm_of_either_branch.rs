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

#[workflow_step(timeout = 1s)]
async fn bag(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn crate_up(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn label(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn stamp(order: u32) -> u32 {
    order
}

#[workflow_step]
fn ship(packed: u32, labelled: u32) {
    println!("{packed} {labelled}");
}

#[workflow_step]
fn freight(packed: u32, labelled: u32) {
    println!("{packed} {labelled}");
}

topology! {
    Orders<u32 -> !>;

    in -> weigh & measure [capacity = 64, timeout = 1s];
    weigh -> match {
        Size::Small(order) => bag(order) [capacity = 64, timeout = 1s],
        Size::Large(order) => crate_up(order) [capacity = 64, timeout = 1s],
    };
    measure -> match {
        Size::Small(order) => label(order) [capacity = 64, timeout = 1s],
        Size::Large(order) => stamp(order) [capacity = 64, timeout = 1s],
    };
    bag & label -> ship [capacity = 64, timeout = 1s];
    crate_up & stamp -> freight [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
