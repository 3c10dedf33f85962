//! Steps on threads of their own.

use std::future::Future;
use std::panic::resume_unwind;
use std::sync::Arc;

use super::{Attempted, StepContext};

/// Runs a blocking step on tokio's blocking pool.
///
/// If the wait is given up, the thread finishes by itself; until then the
/// replica does not start another one, so a step never has more threads than
/// replicas.
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
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let _current = crate::telemetry::current::enter(&context.trace);
            span.in_scope(|| step(&state, &context))
        });
        match work.await {
            Ok(attempted) => attempted,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime is shutting down, and this task with it.
                Err(_) => std::future::pending().await,
            },
        }
    }
}
