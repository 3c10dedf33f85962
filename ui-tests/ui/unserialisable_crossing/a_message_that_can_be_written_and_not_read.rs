use serde::Serialize;
use topology_runtime::{topology, workflow_step};

#[derive(Serialize)]
pub struct Film {
    minutes: u32,
}

#[workflow_step]
fn open(minutes: u32) -> Film {
    Film { minutes }
}

#[workflow_step(idempotent)]
fn transcode(film: Film) -> u32 {
    film.minutes
}

topology! {
    Studio<u32 -> u32>;

    in -> open -> transcode -> out [capacity = 64, timeout = 1s];
    boundary codec: process { transcode }
    else fail;
}

fn main() {
    Studio::run_if_child();
    let _running = Studio::start();
}
