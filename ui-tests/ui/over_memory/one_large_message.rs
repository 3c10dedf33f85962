use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn shrink(picture: [u8; 4096]) -> u32 {
    u32::from(picture[0])
}

#[workflow_step(timeout = 1s)]
async fn store(thumbnail: u32) -> u32 {
    thumbnail
}

topology! {
    Pictures<[u8; 4096] -> u32> [memory = 1MiB];

    in -> shrink -> store -> out [capacity = 1024, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Pictures::start();
}
