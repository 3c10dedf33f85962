use topology_runtime::{Stream, workflow_step};

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
fn lines(_text: String) -> impl Stream<Item = String> {
    quiet()
}

fn main() {}
