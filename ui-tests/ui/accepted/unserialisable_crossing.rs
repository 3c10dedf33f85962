#![deny(warnings)]

use serde::{Deserialize, Serialize};
use topology_runtime::{topology, workflow_step};

#[derive(Serialize, Deserialize)]
pub struct Film {
    minutes: u32,
}

/// It does not cross: it is taken where it is made.
pub struct Seat {
    film: Film,
}

#[workflow_step(idempotent)]
fn open(minutes: u32) -> Film {
    Film { minutes }
}

#[workflow_step(idempotent)]
fn transcode(film: Film) -> Result<Film, std::fmt::Error> {
    Ok(film)
}

#[workflow_step]
fn seat(film: Film) -> Seat {
    Seat { film }
}

#[workflow_step]
fn show(seat: Seat) -> u32 {
    seat.film.minutes
}

topology! {
    pub Studio<u32 -> u32>;

    in -> open >> transcode -> seat >> show -> out [capacity = 64, timeout = 1s];
    boundary codec: process { open, transcode }
    else fail;
}

fn main() {
    Studio::run_if_child();
}
