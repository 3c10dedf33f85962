use topology_runtime::{topology, workflow_step};

pub struct Film {
    minutes: u32,
}

#[workflow_step(idempotent)]
fn transcode(minutes: u32) -> Film {
    Film { minutes }
}

#[workflow_step]
fn show(film: Film) -> u32 {
    film.minutes
}

topology! {
    Studio<u32 -> u32>;

    in -> transcode -> show -> out [capacity = 64, timeout = 1s];
    boundary codec: process { transcode }
    else fail;
}

fn main() {
    Studio::run_if_child();
    let _running = Studio::start();
}
