//! The threads of a boundary, from the start of a topology to its end.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use tokio::runtime::Handle;
use tracing::dispatcher::{self, Dispatch};
use tracing::subscriber::NoSubscriber;

use super::BoundarySpec;
use super::job::Work;
use super::pin::pin;
use super::pool::Pool;
use crate::telemetry::spans;

/// The threads of one boundary of one topology. Dropped, it closes.
pub(crate) struct Threads {
    pub(super) pool: Arc<Pool>,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Starts the threads, with the current runtime as theirs.
    ///
    /// # Panics
    ///
    /// Panics if the system has no more threads to give.
    pub(crate) fn start(spec: &BoundarySpec, is_paused: bool) -> Self {
        let runtime = Handle::current();
        let threads = spec.thread_count();
        let pool = Arc::new(Pool::new(threads, is_paused.then(|| runtime.clone())));
        let mut started = Self {
            pool,
            threads: Vec::new(),
        };
        for number in 0..threads {
            match started.one(spec, number, runtime.clone()) {
                Ok(thread) => started.threads.push(thread),
                Err(error) => {
                    started.pool.lacks(threads - number);
                    let name = spec.name;
                    panic!("boundary `{name}` cannot start a thread: {error}");
                }
            }
        }
        started
    }

    fn one(
        &self,
        spec: &BoundarySpec,
        number: usize,
        runtime: Handle,
    ) -> std::io::Result<JoinHandle<()>> {
        let mut builder = Builder::new().name(spec.thread_name.to_owned());
        if let Some(bytes) = spec.stack_size {
            builder = builder.stack_size(usize::try_from(bytes).unwrap_or(usize::MAX));
        }
        let pool = Arc::clone(&self.pool);
        let listens = listens();
        let (boundary, core) = (spec.name, spec.cores.map(|cores| cores.at(number)));
        builder.spawn(move || {
            let _runtime = runtime.enter();
            let _listens = listens.as_ref().map(dispatcher::set_default);
            if let Some(core) = core
                && let Err(why) = pin(core)
            {
                spans::not_pinned(boundary, core, &why);
            }
            pool.run();
        })
    }

    /// Runs a task on the threads. What comes back ends with it, and panics if it
    /// does.
    pub(crate) fn run(&self, work: Work) -> impl Future<Output = ()> + Send + use<> {
        let ended = self.pool.start(work);
        async move {
            if let Ok(Err(panic)) = ended.await {
                resume_unwind(panic);
            }
        }
    }

    /// Has the threads leave as soon as they have done what they are at.
    pub(crate) fn close(&self) {
        self.pool.close();
    }

    /// Closes, and waits until the threads have left.
    pub(crate) async fn end(mut self) {
        self.close();
        let threads = std::mem::take(&mut self.threads);
        let left = tokio::task::spawn_blocking(move || {
            for thread in threads {
                // Tasks and their ends are guarded: it has not panicked.
                let _ = thread.join();
            }
        });
        // Not waited for where the runtime is shutting down.
        let _ = left.await;
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.close();
    }
}

/// What listens to spans here, if anything does: it listens on the threads too.
fn listens() -> Option<Dispatch> {
    let here = dispatcher::get_default(Clone::clone);
    (!here.is::<NoSubscriber>()).then_some(here)
}
