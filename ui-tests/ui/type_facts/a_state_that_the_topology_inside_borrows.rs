use topology_runtime::{State, topology, workflow_step};

struct Fee(u32);

#[derive(State)]
struct Prices {
    fee: Fee,
}

#[workflow_step]
fn charge(number: u32, fee: &Fee) -> u32 {
    number + fee.0
}

topology! {
    Inner<u32 -> u32> [state = Prices];
    in -> charge -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[derive(State)]
struct App {
    fee: Fee,
}

topology! {
    Outer<u32 -> u32> [state = App];
    in -> Inner -> out [capacity = 4, timeout = 1s];
    else fail;
}

fn main() {}
