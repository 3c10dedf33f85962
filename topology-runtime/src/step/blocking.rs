//! Steps on threads of their own.

use std::future::Future;
use std::panic::resume_unwind;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::{Attempted, StepContext};
use crate::state::Lent;

/// Runs a blocking step on tokio's blocking pool.
///
/// Waiting for a thread of the pool counts as the step's time. If the wait is
/// given up before a thread has begun, the step never runs; afterwards the
/// thread finishes by itself, and until then the replica does not start another
/// one, so a step never has more threads than replicas.
pub fn blocking<S, T>(
    state: &Lent<S>,
    context: &StepContext,
    step: impl FnOnce(&Lent<S>, &StepContext) -> Attempted<T> + Send + 'static,
) -> impl Future<Output = Attempted<T>> + Send
where
    S: Send + Sync + 'static,
    T: Send + 'static,
{
    on_thread(state, context, step)
}

/// Runs a blocking step that has a state of its own: it goes to the thread, and
/// comes back with what the step returned, or not at all.
pub fn blocking_own<S, O, T>(
    state: &Lent<S>,
    context: &StepContext,
    own: &mut Option<O>,
    step: impl FnOnce(&Lent<S>, &StepContext, &mut Option<O>) -> Attempted<T> + Send + 'static,
) -> impl Future<Output = Attempted<T>> + Send
where
    S: Send + Sync + 'static,
    O: Send + 'static,
    T: Send + 'static,
{
    let mut lent = own.take();
    let work = on_thread(state, context, move |state, context| {
        let attempted = step(state, context, &mut lent);
        (attempted, lent)
    });
    async move {
        let (attempted, lent) = work.await;
        *own = lent;
        attempted
    }
}

fn on_thread<S, R>(
    state: &Lent<S>,
    context: &StepContext,
    work: impl FnOnce(&Lent<S>, &StepContext) -> R + Send + 'static,
) -> impl Future<Output = R> + Send
where
    S: Send + Sync + 'static,
    R: Send + 'static,
{
    let (state, context) = (state.clone(), context.clone());
    async move {
        let free = Arc::clone(&context.thread);
        let Ok(permit) = free.acquire_owned().await else {
            unreachable!("nobody closes the semaphore of a replica");
        };
        let span = tracing::Span::current();
        let mut thread = Work(tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let _current = crate::telemetry::current::enter(&context.trace);
            span.in_scope(|| work(&state, &context))
        }));
        match (&mut thread.0).await {
            Ok(output) => output,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime is shutting down, and this task with it.
                Err(_) => std::future::pending().await,
            },
        }
    }
}

/// Work that is taken back if it has not begun when the wait for it is given
/// up.
struct Work<T>(JoinHandle<T>);

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
