#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

#[workflow_step(blocking, timeout = 2s)]
fn hash(image: Vec<u8>) -> usize {
    image.len()
}

#[workflow_step(timeout = 20ms)]
async fn store(hash: usize) -> usize {
    hash
}

#[workflow_step]
fn count(hash: usize) -> usize {
    hash + 1
}

#[derive(Default)]
struct Total {
    sum: usize,
}

#[workflow_step(timeout = 20ms)]
impl Total {
    fn add(&mut self, count: usize) -> usize {
        self.raise(count)
    }

    #[workflow_step(tick = 1s)]
    async fn report(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn finish(self) -> usize {
        self.sum
    }
}

impl Total {
    fn raise(&mut self, by: usize) -> usize {
        self.sum += by;
        self.sum
    }
}

topology! {
    Images<Vec<u8> -> usize>;

    in -> hash -> store -> count >> Total -> out [capacity = 64, timeout = 9s];
    else fail;
}

fn main() {}
