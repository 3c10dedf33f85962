use topology_runtime::{Stream, topology, workflow_step};

/// Brings nothing, for ever.
struct Quiet<T>(std::marker::PhantomData<fn() -> T>);

impl<T> Stream for Quiet<T> {
    type Item = T;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<T>> {
        std::task::Poll::Pending
    }
}

fn quiet<T>() -> Quiet<T> {
    Quiet(std::marker::PhantomData)
}

#[workflow_step]
fn orders() -> impl Stream<Item = String> {
    quiet()
}

#[workflow_step]
fn parse(raw: String) -> u32 {
    raw.len() as u32
}

#[workflow_step(timeout = 1s)]
async fn store(_number: u32) {}

topology! {
    Intake<! -> !>;

    orders -> parse -> store [capacity = 16, timeout = 2s];
    orders [rate = 100/s];
    else fail;
}

fn main() {
    let _running = Intake::start();
}
