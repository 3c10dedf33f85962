//! Steps on threads of their own.

use std::future::Future;
use std::panic::resume_unwind;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::{Attempted, StepContext};

/// Runs a blocking step on tokio's blocking pool.
///
/// Waiting for a thread of the pool counts as the step's time. If the wait is
/// given up before a thread has begun, the step never runs; afterwards the
/// thread finishes by itself, and until then the replica does not start another
/// one, so a step never has more threads than replicas.
pub fn blocking<S, T>(
    state: &Arc<S>,
    context: &StepContext,
    step: impl FnOnce(&Arc<S>, &StepContext) -> Attempted<T> + Send + 'static,
) -> impl Future<Output = Attempted<T>> + Send
where
    S: Send + Sync + 'static,
    T: Send + 'static,
{
    let (state, context) = (Arc::clone(state), context.clone());
    async move {
        let thread = Arc::clone(&context.thread);
        let Ok(permit) = thread.acquire_owned().await else {
            unreachable!("nobody closes the semaphore of a replica");
        };
        let span = tracing::Span::current();
        let mut work = Work(tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let _current = crate::telemetry::current::enter(&context.trace);
            span.in_scope(|| step(&state, &context))
        }));
        match (&mut work.0).await {
            Ok(attempted) => attempted,
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
