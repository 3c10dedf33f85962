#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

const ROOM: u64 = 1 << 20;

type Page = [u8; 256];

#[workflow_step(timeout = 1s)]
async fn scan(page: Page) -> Page {
    page
}

#[workflow_step(timeout = 1s)]
async fn translate(page: Page) -> Page {
    page
}

#[workflow_step]
fn bind(scanned: Page, translated: Page) -> u32 {
    u32::from(scanned[0]) + u32::from(translated[0])
}

topology! {
    Pages<Page -> u32> [memory = 1MiB];

    in -> scan & translate [capacity = 64, timeout = 1s];
    scan & translate -> bind -> out [capacity = 16, timeout = 1s];
    else fail;
}

topology! {
    Few<Page -> u32> [memory = ROOM];

    in -> scan & translate -> bind -> out [capacity = 4, timeout = 1s];
    else fail;
}

const _: () = assert!(Few::QUEUE_BYTES < ROOM);

fn main() {}
