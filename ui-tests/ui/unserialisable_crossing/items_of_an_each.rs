use topology_runtime::{topology, workflow_step};

pub struct Scene {
    minutes: u32,
}

#[workflow_step(idempotent)]
fn cut(minutes: u32) -> Vec<Scene> {
    (0..minutes).map(|_| Scene { minutes: 1 }).collect()
}

#[workflow_step]
fn show(scene: Scene) -> u32 {
    scene.minutes
}

#[workflow_step]
fn add(minutes: Vec<u32>) -> u32 {
    minutes.iter().sum()
}

topology! {
    Studio<u32 -> u32>;

    in -> cut [capacity = 64, timeout = 1s];
    cut -> each show [capacity = 64, timeout = 1s, limit = 256, within = 1min];
    show -> all add -> out [capacity = 64, timeout = 1s];
    boundary codec: process { cut }
    else fail;
}

fn main() {
    Studio::run_if_child();
    let _running = Studio::start();
}
