//! Keeps the processes of a topology running.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Core;
use super::tree::{Tree, Verdict};
use crate::boundary::{End, Gate, live};
use crate::step::{Failure, FailureKind};
use crate::telemetry::spans;

/// Lives a process of one topology once. It is asked to end when the sender is
/// gone.
pub(crate) type Lives = fn(Arc<Gate>, usize, oneshot::Receiver<()>) -> Life;

type Life = Pin<Box<dyn Future<Output = End> + Send>>;

/// For the processes of the topology `T`.
pub(crate) fn lives<T: 'static>(
    gate: Arc<Gate>,
    boundary: usize,
    stopped: oneshot::Receiver<()>,
) -> Life {
    Box::pin(async move {
        let stopped = async {
            // Nobody says anything but that nobody is there.
            let _ = stopped.await;
        };
        live::<T>(&gate, boundary, stopped).await
    })
}

/// What runs of a boundary.
struct Running {
    /// Which of all it is: one that was ended on purpose may say so late.
    number: u64,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Says how a process has ended when this is dropped, also by a panic of what
/// watched it: that has killed it.
struct Ending {
    said: mpsc::UnboundedSender<Said>,
    process: (usize, u64),
    end: Option<End>,
}

impl Ending {
    async fn of(mut self, life: Life) {
        self.end = Some(life.await);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let (boundary, number) = self.process;
        let end = self.end.take();
        let end = end.unwrap_or_else(|| End::of("it was not watched any more"));
        // Where nobody listens any more the topology has stopped.
        let _ = self.said.send((boundary, number, end));
    }
}

/// A process has ended: of which boundary, which of all, and how.
type Said = (usize, u64, End);

/// The processes of one topology.
pub(crate) struct Processes {
    core: Arc<Core>,
    tree: Tree,
    lives: Lives,
    /// By boundary.
    running: Vec<Option<Running>>,
    started: u64,
    /// Each process says one thing, and then another may begin.
    said: mpsc::UnboundedSender<Said>,
    ends: mpsc::UnboundedReceiver<Said>,
}

impl Processes {
    pub(crate) fn new(core: &Arc<Core>, lives: Lives) -> Self {
        let (said, ends) = mpsc::unbounded_channel();
        Self {
            tree: Tree::new(core.boundaries, core.strategy),
            core: Arc::clone(core),
            lives,
            running: core.boundaries.iter().map(|_| None).collect(),
            started: 0,
            said,
            ends,
        }
    }

    /// Keeps them running until the sender is gone, and ends them then.
    pub(crate) async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        for boundary in 0..self.running.len() {
            self.start(boundary);
        }
        while let Some((boundary, number, end)) = self.next(&mut stop).await {
            let is_current = |running: &Running| running.number == number;
            if !self.running[boundary].as_ref().is_some_and(is_current) {
                continue;
            }
            self.running[boundary] = None;
            let name = self.core.boundaries[boundary].name;
            spans::process_ended(self.core.name, name, &end.how);
            if end.is_hopeless {
                self.give_up(boundary, &end.how);
                break;
            }
            match self.tree.ended(boundary, Instant::now()) {
                Verdict::Restart(of, others) => {
                    if of != boundary {
                        let outer = self.core.boundaries[of].name;
                        spans::escalated(self.core.name, outer, name);
                    }
                    self.restart(&others).await;
                }
                Verdict::GiveUp(given_up) => {
                    let spec = &self.core.boundaries[given_up];
                    let (times, within) = (spec.limit().times, spec.limit().within);
                    let how = &end.how;
                    let text = format!(
                        "boundary `{}` ended more often than {times} times in {within:?}; at last `{name}`: {how}",
                        spec.name
                    );
                    self.give_up(given_up, &text);
                    break;
                }
            }
        }
        // What waits for a process is cancelled with the topology.
        let all: Vec<_> = (0..self.running.len()).collect();
        self.end(&all).await;
    }

    /// Waits for one to end; `None` when it is time to stop.
    async fn next(&mut self, stop: &mut oneshot::Receiver<()>) -> Option<Said> {
        poll_fn(|context| {
            if Pin::new(&mut *stop).poll(context).is_ready() {
                return Poll::Ready(None);
            }
            self.ends.poll_recv(context)
        })
        .await
    }

    fn start(&mut self, boundary: usize) {
        let Some(gate) = &self.core.gates[boundary] else {
            return;
        };
        self.started += 1;
        let number = self.started;
        let (stop, stopped) = oneshot::channel();
        let life = (self.lives)(Arc::clone(gate), boundary, stopped);
        let ending = Ending {
            said: self.said.clone(),
            process: (boundary, number),
            end: None,
        };
        let task = tokio::spawn(ending.of(life));
        self.running[boundary] = Some(Running { number, stop, task });
    }

    async fn restart(&mut self, boundaries: &[usize]) {
        self.end(boundaries).await;
        for &boundary in boundaries {
            if let Some(gate) = &self.core.gates[boundary] {
                gate.restarts();
            }
            self.start(boundary);
        }
    }

    /// Ends those that run, all at once, and waits for them.
    async fn end(&mut self, boundaries: &[usize]) {
        let mut ending = Vec::new();
        for &boundary in boundaries {
            if let Some(Running { stop, task, .. }) = self.running[boundary].take() {
                drop(stop);
                ending.push(task);
            }
        }
        for task in ending {
            // One that panicked has ended its process.
            let _ = task.await;
        }
    }

    fn give_up(&self, boundary: usize, how: &str) {
        let (workflow, name) = (self.core.name, self.core.boundaries[boundary].name);
        let kind = FailureKind::ProcessDied(how.to_owned());
        self.core.abort(Failure::new(kind, workflow, name, 0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_that_nobody_watches_any_more_has_ended() {
        let (said, mut ends) = mpsc::unbounded_channel();
        let ending = Ending {
            said,
            process: (3, 7),
            end: None,
        };
        let life = Box::pin(async { panic!("whoever watches panics") });
        tokio::spawn(ending.of(life)).await.unwrap_err();
        let (boundary, number, end) = ends.recv().await.unwrap();
        assert_eq!((boundary, number), (3, 7));
        assert_eq!(&*end.how, "it was not watched any more");
    }
}
