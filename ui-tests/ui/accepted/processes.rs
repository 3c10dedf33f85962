//! Whatever leads to a step, and whatever leads on from it, can cross.

#![deny(warnings)]

use serde::{Deserialize, Serialize};
use topology_runtime::{Failed, State, topology, workflow_step};

#[derive(Clone, Serialize, Deserialize)]
pub struct Film {
    minutes: u32,
}

#[derive(Serialize, Deserialize)]
pub enum Length {
    Short(Film),
    Long(Film),
    None,
}

#[derive(State)]
pub struct App {
    most: u32,
}

#[workflow_step(idempotent)]
fn measure(film: Film, most: &u32) -> Length {
    match film.minutes {
        0 => Length::None,
        minutes if minutes < *most => Length::Short(film),
        _ => Length::Long(film),
    }
}

#[workflow_step(idempotent, timeout = 1s)]
async fn cut(film: Film) -> Vec<Film> {
    vec![film]
}

#[derive(Default)]
struct Counted(u32);

#[workflow_step(idempotent)]
impl Counted {
    fn count(&mut self, film: Film) -> u32 {
        self.0 += 1;
        self.0 + film.minutes
    }
}

#[workflow_step(idempotent)]
fn add(minutes: Vec<u32>) -> u32 {
    minutes.iter().sum()
}

#[workflow_step(idempotent)]
fn sound(film: Film) -> Result<u32, std::fmt::Error> {
    Ok(film.minutes)
}

#[workflow_step(idempotent, timeout = 1s, retry(attempts = 2, backoff = 1ms..2ms))]
async fn picture(film: Film) -> Result<u32, std::fmt::Error> {
    Ok(film.minutes)
}

#[workflow_step(idempotent)]
fn mix(sound: Option<u32>, picture: u32) -> u32 {
    sound.unwrap_or(0) + picture
}

#[workflow_step(idempotent)]
fn log(_: u32) {}

#[workflow_step]
fn estimate(failed: Failed<Film>) -> u32 {
    failed.payload.minutes
}

#[workflow_step(idempotent, timeout = 1s)]
async fn read(minutes: u32) -> Film {
    Film { minutes }
}

topology! {
    pub Studio<u32 -> u32?> [state = App, strategy = one_for_all];

    in -> read -> measure [capacity = 16, timeout = 10s];
    measure -> match {
        Length::Short(film) => split(film) [capacity = 16, timeout = 10s],
        Length::Long(film) => cut(film) [capacity = 16, timeout = 10s],
        Length::None => discard,
    };

    split -> sound & picture -> mix [capacity = 16, timeout = 10s];
    cut -> each Counted [capacity = 16, timeout = 10s, limit = 8, within = 1min];
    Counted -> all add [capacity = 16, timeout = 10s];
    mix | add | estimate -> tell [capacity = 16, timeout = 10s];
    tell -> log & last [capacity = 16, timeout = 10s];
    last -> out [capacity = 16, timeout = 10s];

    boundary apart: process [start = 1s] {
        measure, split, sound, picture, mix,
        boundary cpu: thread { cut, Counted, add, log },
    }
    boundary books: process { read }

    cut else instead estimate [capacity = 16, timeout = 10s];
    sound else skip;
    estimate else fail;
    else fail;
}

#[workflow_step(idempotent)]
fn split(film: Film) -> Film {
    film
}

#[workflow_step(timeout = 1s)]
async fn tell(minutes: u32) -> u32 {
    minutes
}

#[workflow_step(timeout = 1s)]
async fn last(minutes: u32) -> u32 {
    minutes
}

fn main() {
    Studio::run_if_child(|| App { most: 90 });
}
