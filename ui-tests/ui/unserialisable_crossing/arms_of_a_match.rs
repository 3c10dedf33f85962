use topology_runtime::{topology, workflow_step};

pub struct Film {
    minutes: u32,
}

pub enum Length {
    Short(Film),
    Long,
}

#[workflow_step(idempotent)]
fn measure(minutes: u32) -> Length {
    match minutes {
        0..60 => Length::Short(Film { minutes }),
        _ => Length::Long,
    }
}

#[workflow_step(idempotent)]
fn transcode(film: Film) -> u32 {
    film.minutes
}

topology! {
    Studio<u32 -> u32?>;

    in -> measure [capacity = 64, timeout = 1s];
    measure -> match {
        Length::Short(film) => transcode(film) [capacity = 64, timeout = 1s],
        Length::Long => discard,
    };
    transcode -> out [capacity = 64, timeout = 1s];
    boundary codec: process { measure, transcode }
    else fail;
}

fn main() {
    Studio::run_if_child();
    let _running = Studio::start();
}
