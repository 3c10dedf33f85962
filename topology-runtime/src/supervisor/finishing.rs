//! The last thing that steps do: each replica finishes its states, once nothing
//! comes to them any more.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::Core;

/// Tells a replica to finish the state of a step.
pub(crate) struct Order {
    pub(crate) step: usize,
    done: oneshot::Sender<bool>,
}

/// The orders to one replica, for whichever task runs it.
pub(crate) type Orders = Arc<Mutex<mpsc::UnboundedReceiver<Order>>>;

/// The steps that begin messages of their own, each behind those that lead to
/// it, with the way to its replicas.
#[derive(Default)]
pub(crate) struct Finishing {
    steps: Vec<(usize, Vec<mpsc::UnboundedSender<Order>>)>,
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
            match self.steps.iter_mut().find(|(other, _)| *other == step) {
                Some((_, replicas)) => replicas.push(sender.clone()),
                None => self.steps.push((step, vec![sender.clone()])),
            }
        }
        Arc::new(Mutex::new(receiver))
    }

    /// Waits until sources have stopped and the topology is idle, and finishes
    /// the states of one step after the other: what a step hands on at last may
    /// come to others. Goes on until nothing is left to finish.
    pub(crate) async fn run(&self, core: &Core) {
        core.sources.over().await;
        let mut is_over = false;
        while !is_over {
            is_over = true;
            core.accounts.idle().await;
            for (step, replicas) in &self.steps {
                if core.is_stopping() {
                    return;
                }
                let answers: Vec<_> = replicas
                    .iter()
                    .filter_map(|replica| order(replica, *step))
                    .collect();
                for answer in answers {
                    // A replica that does not answer was started again.
                    let was_unfinished = answer.await.unwrap_or(true);
                    is_over &= !was_unfinished;
                }
                core.accounts.idle().await;
            }
        }
    }
}

/// `None` if the replica is gone.
fn order(replica: &mpsc::UnboundedSender<Order>, step: usize) -> Option<oneshot::Receiver<bool>> {
    let (done, answer) = oneshot::channel();
    replica.send(Order { step, done }).ok()?;
    Some(answer)
}
