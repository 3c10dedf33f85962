use topology_runtime::{topology, workflow_step};

use topology_runtime::State;

#[derive(Clone)]
struct Rules {
    factor: u32,
}

#[derive(State)]
struct App {
    rules: Rules,
}

#[workflow_step]
fn price(order: u32, rules: Rules) -> u32 {
    order * rules.factor
}

topology! {
    Orders<u32 -> u32> [state = App];

    in -> price -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
