//! Starts, watches and stops the tasks of a topology.

mod child;
mod core;
mod drain;
mod finishing;
#[cfg(feature = "process")]
mod processes;
mod registry;
mod scaling;
mod tally;
#[cfg(feature = "process")]
mod tree;
pub(crate) mod turn;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

#[cfg(feature = "process")]
use tokio::sync::oneshot;
use tokio::sync::watch;
#[cfg(feature = "process")]
use tokio::task::JoinHandle;
use tokio::task::{Id, JoinError, JoinSet};

pub use self::child::{Child, Outer};
pub(crate) use self::core::Core;
pub use self::drain::DrainReport;
pub(crate) use self::finishing::{Finishing, Order, Orders};
#[cfg(feature = "process")]
pub(crate) use self::processes::{Lives, Processes, lives};
pub(crate) use self::registry::{Post, Registry};
pub(crate) use self::tally::{Opened, Tally};
use crate::boundary::Threads;
use crate::budget::Specs;
use crate::edge::AnyQueue;
use crate::telemetry::spans;

/// What a task does.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes a task, each time that it is started.
pub(crate) struct Maker {
    pub(crate) make: Box<dyn Fn() -> Work + Send + Sync>,
    /// The boundary on whose threads it runs.
    pub(crate) boundary: Option<usize>,
}

/// The tasks of one topology, before they are started.
pub(crate) struct Supervisor {
    pub(crate) core: Arc<Core>,
    pub(crate) makers: Vec<Maker>,
    pub(crate) specs: &'static Specs,
    #[cfg(feature = "process")]
    pub(crate) lives: Lives,
    pub(crate) queues: Arc<[Box<dyn AnyQueue>]>,
    pub(crate) children: Vec<Arc<dyn Child>>,
}

/// Tells when everything has stopped.
#[derive(Clone)]
pub(crate) struct Stopped(watch::Receiver<bool>);

impl Stopped {
    /// Waits until no task is left. Cancellation safe.
    pub(crate) async fn wait(&self) {
        let mut stopped = self.0.clone();
        // The sender is dropped only behind its last word.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }
}

/// Waits until nothing more comes of any source and nothing of any message is
/// left, or until everything has stopped. Cancellation safe.
pub(crate) async fn finished(core: &Core, stopped: &Stopped) {
    let mut idle = pin!(async {
        core.sources.none().await;
        core.accounts.idle().await;
    });
    let mut stopped = pin!(stopped.wait());
    poll_fn(|context| {
        if idle.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        stopped.as_mut().poll(context)
    })
    .await;
}

/// Where the runtime goes away before the topology has stopped, nobody comes for
/// what is in the queues.
impl Drop for Supervisor {
    fn drop(&mut self) {
        for queue in &*self.queues {
            queue.close();
        }
        self.core.spares.end();
    }
}

impl Supervisor {
    pub(crate) fn queues(&self) -> Arc<[Box<dyn AnyQueue>]> {
        Arc::clone(&self.queues)
    }

    /// Starts everything on the current runtime, and on threads of its own.
    ///
    /// # Panics
    ///
    /// Panics if the system has no threads to give; with processes, also in a
    /// runtime without its I/O.
    pub(crate) fn start(self) -> Stopped {
        #[cfg(feature = "process")]
        if self.core.gates.iter().any(Option::is_some) {
            // Here it is said to who can change that, and not later to nobody.
            drop(tokio::net::UnixStream::pair());
        }
        let (said, heard) = watch::channel(false);
        let is_paused = self.core.clock.is_paused();
        let numbered = self.specs.boundaries.iter().enumerate();
        let threads: Vec<_> = numbered
            .map(|(number, spec)| {
                let is_here = self.specs.process_around(number).is_none();
                let has_threads = self.specs.has_threads(number) && is_here;
                has_threads.then(|| Threads::start(spec, is_paused))
            })
            .collect();
        tokio::spawn(async move {
            self.run(threads).await;
            let _ = said.send(true);
        });
        Stopped(heard)
    }

    async fn run(self, threads: Vec<Option<Threads>>) {
        let mut tasks = JoinSet::new();
        let mut places: Vec<(Id, usize)> = Vec::new();
        let (core, queues) = (&self.core, &self.queues);
        let spawn_timekeeper = |tasks: &mut JoinSet<()>| {
            let (core, queues) = (Arc::clone(core), Arc::clone(queues));
            tasks
                .spawn(async move { core.timekeeper.run(&queues, &core.clock).await })
                .id()
        };
        let mut time = spawn_timekeeper(&mut tasks);
        if queues.iter().any(|queue| queue.replicas().is_some()) {
            let (core, queues) = (Arc::clone(core), Arc::clone(queues));
            tasks.spawn(async move { scaling::scale(&core, &queues).await });
        }
        #[cfg(feature = "process")]
        let processes = self.processes();
        let spawn = |tasks: &mut JoinSet<()>, place: usize| {
            let Maker { make, boundary } = &self.makers[place];
            match boundary.and_then(|boundary| threads[boundary].as_ref()) {
                None => tasks.spawn(make()).id(),
                Some(threads) => tasks.spawn(threads.run(make())).id(),
            }
        };
        for place in 0..self.makers.len() {
            places.push((spawn(&mut tasks, place), place));
        }
        while let Some(error) = self.next_panic(&mut tasks).await {
            spans::task_restarted(self.core.name, &error);
            if error.id() == time {
                time = spawn_timekeeper(&mut tasks);
            }
            if let Some(entry) = places.iter_mut().find(|(id, _)| *id == error.id()) {
                entry.0 = spawn(&mut tasks, entry.1);
            }
        }
        tasks.shutdown().await;
        #[cfg(feature = "process")]
        if let Some((stop, processes)) = processes {
            drop(stop);
            let _ = processes.await;
        }
        threads.iter().flatten().for_each(Threads::close);
        for threads in threads.into_iter().flatten() {
            threads.end().await;
        }
        for queue in &*self.queues {
            queue.close();
        }
        for child in &self.children {
            child.stop().await;
        }
    }

    /// Starts the processes, if there are any, and what keeps them running.
    #[cfg(feature = "process")]
    fn processes(&self) -> Option<(oneshot::Sender<()>, JoinHandle<()>)> {
        self.core.gates.iter().flatten().next()?;
        let processes = Processes::new(&self.core, self.lives);
        let (stop, stopped) = oneshot::channel();
        Some((stop, tokio::spawn(processes.run(stopped))))
    }

    /// Waits for a task to panic; `None` when it is time to stop.
    async fn next_panic(&self, tasks: &mut JoinSet<()>) -> Option<JoinError> {
        let mut stop = pin!(self.core.stopping());
        poll_fn(|context| {
            if stop.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            match tasks.poll_join_next(context) {
                Poll::Ready(Some(Err(error))) => Poll::Ready(Some(error)),
                Poll::Ready(Some(Ok(()))) => {
                    // A source has ended, as no other task does by itself; look
                    // again at the next one.
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                Poll::Ready(None) | Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}
