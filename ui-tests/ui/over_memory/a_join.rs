use topology_runtime::{topology, workflow_step};

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
    Pages<Page -> u32> [memory = 64KiB];

    in -> scan & translate [capacity = 64, timeout = 1s];
    scan & translate -> bind -> out [capacity = 16, timeout = 1s];
    scan [replicas = 8];
    else fail;
}

fn main() {
    let _running = Pages::start();
}
