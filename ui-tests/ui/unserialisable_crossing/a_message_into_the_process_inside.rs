use topology_runtime::{topology, workflow_step};

pub struct Film {
    minutes: u32,
}

#[workflow_step(idempotent)]
fn decode(minutes: u32) -> Film {
    Film { minutes }
}

#[workflow_step(idempotent)]
fn encode(film: Film) -> u32 {
    film.minutes
}

topology! {
    Studio<u32 -> u32>;

    in -> decode -> encode -> out [capacity = 64, timeout = 1s];
    boundary codec: process { decode, boundary inner: process { encode } }
    else fail;
}

fn main() {
    Studio::run_if_child();
    let _running = Studio::start();
}
