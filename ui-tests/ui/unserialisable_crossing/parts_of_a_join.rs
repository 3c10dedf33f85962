use topology_runtime::{topology, workflow_step};

pub struct Sound {
    minutes: u32,
}

#[workflow_step]
fn draw(minutes: u32) -> u32 {
    minutes
}

#[workflow_step]
fn record(minutes: u32) -> Sound {
    Sound { minutes }
}

#[workflow_step(idempotent)]
fn mix(picture: u32, sound: Sound) -> u32 {
    picture.min(sound.minutes)
}

topology! {
    Studio<u32 -> u32>;

    in -> draw & record -> mix -> out [capacity = 64, timeout = 1s];
    boundary codec: process { mix }
    else fail;
}

fn main() {
    Studio::run_if_child();
    let _running = Studio::start();
}
