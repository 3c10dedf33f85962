//! The last thing that steps do: each replica finishes its states, once nothing
//! comes to them any more.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::{Child, Core};

/// Tells a replica to finish the state of a step.
pub(crate) struct Order {
    pub(crate) step: usize,
    done: oneshot::Sender<bool>,
}

/// The orders to one replica, for whichever task runs it.
pub(crate) type Orders = Arc<Mutex<mpsc::UnboundedReceiver<Order>>>;

/// What has something to do at last, each behind what leads to it.
#[derive(Default)]
pub(crate) struct Finishing(Vec<Last>);

enum Last {
    /// A step that begins messages of its own, and the way to its replicas.
    Step(usize, Vec<mpsc::UnboundedSender<Order>>),
    /// A topology inside.
    Child(usize, Arc<dyn Child>),
}

impl Order {
    /// Says whether there was a state to finish.
    pub(crate) fn done(self, was_unfinished: bool) {
        // A drain that was given up gets no answer.
        let _ = self.done.send(was_unfinished);
    }
}

impl Finishing {
    /// One more replica of these steps.
    pub(crate) fn replica(&mut self, steps: &[usize]) -> Orders {
        let (sender, receiver) = mpsc::unbounded_channel();
        for &step in steps {
            let mut known = self.0.iter_mut().filter_map(|last| match last {
                Last::Step(other, replicas) if *other == step => Some(replicas),
                _ => None,
            });
            match known.next() {
                Some(replicas) => replicas.push(sender.clone()),
                None => self.0.push(Last::Step(step, vec![sender.clone()])),
            }
        }
        Arc::new(Mutex::new(receiver))
    }

    /// A topology inside.
    pub(crate) fn child(&mut self, step: usize, child: Arc<dyn Child>) {
        self.0.push(Last::Child(step, child));
    }

    /// The topologies inside, with the steps that they are.
    pub(crate) fn children(&self) -> impl Iterator<Item = (usize, &Arc<dyn Child>)> {
        self.0.iter().filter_map(|last| match last {
            Last::Child(step, child) => Some((*step, child)),
            Last::Step(..) => None,
        })
    }

    /// Waits until sources have stopped and the topology is idle, and finishes
    /// the states of one step after the other: what a step hands on at last may
    /// come to others. Goes on until nothing is left to finish. `false` if there
    /// was nothing at all.
    pub(crate) async fn run(&self, core: &Core) -> bool {
        core.sources.none().await;
        let mut was_unfinished = false;
        loop {
            let mut is_over = true;
            core.accounts.idle().await;
            for last in &self.0 {
                if core.is_stopping() {
                    return was_unfinished;
                }
                is_over &= !last.finish().await;
                core.accounts.idle().await;
            }
            if is_over {
                return was_unfinished;
            }
            was_unfinished = true;
        }
    }
}

impl Last {
    /// `false` if there was nothing to finish.
    async fn finish(&self) -> bool {
        let (step, replicas) = match self {
            Self::Step(step, replicas) => (*step, replicas),
            Self::Child(_, child) => return child.finish().await,
        };
        let orders = replicas.iter().filter_map(|replica| order(replica, step));
        let answers: Vec<_> = orders.collect();
        let mut was_unfinished = false;
        for answer in answers {
            // A replica that does not answer was started again.
            was_unfinished |= answer.await.unwrap_or(true);
        }
        was_unfinished
    }
}

/// `None` if the replica is gone.
fn order(replica: &mpsc::UnboundedSender<Order>, step: usize) -> Option<oneshot::Receiver<bool>> {
    let (done, answer) = oneshot::channel();
    replica.send(Order { step, done }).ok()?;
    Some(answer)
}
