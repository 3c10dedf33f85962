use topology_runtime::{topology, workflow_step};

enum Verdict {
    Clear(u32),
    Duplicate,
}

#[workflow_step]
fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step]
fn screen(order: u32) -> Verdict {
    if order == 0 { Verdict::Duplicate } else { Verdict::Clear(order) }
}

#[workflow_step]
fn book(order: u32) -> u32 {
    order
}

#[workflow_step]
fn answer(price: u32, booked: u32) -> u32 {
    price + booked
}

topology! {
    Orders<u32 -> u32>;

    in -> price & screen [capacity = 64, timeout = 1s];
    screen -> match {
        Verdict::Clear(order) => book(order) [capacity = 64, timeout = 1s],
        Verdict::Duplicate => discard,
    };
    price & book -> answer -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
