use topology_runtime::{StepContext, Stream, workflow_step};

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
fn orders(_context: &StepContext) -> impl Stream<Item = String> {
    quiet()
}


fn main() {}
