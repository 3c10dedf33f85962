use topology_runtime::{Stream, topology, workflow_step};

#[workflow_step]
fn numbers() -> impl Stream<Item = u32> {
    Empty
}

struct Empty;

impl Stream for Empty {
    type Item = u32;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<u32>> {
        std::task::Poll::Ready(None)
    }
}

#[workflow_step]
fn keep(number: u32) -> u32 {
    number
}

topology! {
    Numbers<! -> u32>;
    numbers -> keep -> out [capacity = 4, timeout = 1s];
    else fail;
}

topology! {
    Outer<u32 -> u32>;
    in -> keep -> Numbers -> out [capacity = 4, timeout = 1s];
    else fail;
}

fn main() {}
