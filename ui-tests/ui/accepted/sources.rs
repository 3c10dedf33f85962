use topology_runtime::{Message, Stream, Tracked, topology, workflow_step};

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
fn orders() -> impl Stream<Item = Tracked<String>> {
    quiet()
}

#[workflow_step]
fn refunds() -> impl Stream<Item = Message<String>> + Send {
    quiet()
}

#[workflow_step]
fn audits<T: Send + 'static>() -> impl Stream<Item = Tracked<Message<T>>> {
    quiet()
}

#[workflow_step]
fn parse(raw: String) -> u32 {
    raw.len() as u32
}

#[workflow_step(timeout = 1s)]
async fn store(_number: u32) {}

topology! {
    Intake<! -> u32?>;

    orders | refunds | audits::<String> -> parse [capacity = 16, timeout = 2s];
    parse -> match {
        0 => discard,
        number => out(number) [capacity = 16, timeout = 2s],
    };

    orders else abort;
    else fail;
}

topology! {
    Silent<! -> !>;

    orders -> parse -> store [capacity = 16, timeout = 2s];
    else fail;
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let silent = Silent::start();
    silent.drain(std::time::Duration::ZERO).await;
    let intake = Intake::start();
    assert!(intake.answers().is_some());
    intake.drain(std::time::Duration::ZERO).await;
}
