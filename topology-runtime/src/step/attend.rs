//! The tasks of a step that does something by itself: it ticks, or finishes.

use std::sync::Arc;

use super::Step;
use super::agenda::{Agenda, Due, Next};
use super::arrival::Arrival;
use super::onward::Onward;
use super::originate::Occasion;
use super::process::Process;
use super::runner::Replica;
use super::serve::Shared;
use crate::supervisor::Orders;
use crate::topology::Topology;

/// One replica, until it is stopped.
pub(super) async fn attend<T, S, W, F>(
    shared: Arc<Shared<T, S, W, F>>,
    replica: usize,
    mut own: W::Own,
    orders: Orders,
) where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send + 'static,
    F: Onward<T::Edges, W::Output>,
{
    let (spec, queue, replica) = shared.begin(replica);
    let (mut turn, whole_turn) = (0, spec.turn());
    let mut agenda = Agenda::new(&shared.work.duties(), orders).await;
    loop {
        shared.work.prepare(&shared.state, &mut own, &agenda.over);
        // A thread that was given up is still at work: its replica is not
        // free before it has finished.
        if W::IS_BLOCKING {
            let _ = replica.thread.acquire().await;
        }
        match agenda.next(&queue).await {
            Next::Message(taken) => {
                let mut arrival = Arrival::none();
                arrival.comes(taken.branch, taken.waited, taken.at, taken.links);
                let work = shared.work_on(Some(taken.message), arrival, &replica, &mut own);
                work.await;
                turn += 1;
            }
            Next::Due(due) => {
                shared.turn_to(due, &mut agenda, &replica, &mut own).await;
                // On a thread of its own each of them may take long.
                turn = whole_turn.min(turn + u32::from(spec.boundary.is_some()));
            }
        }
        // Nothing above pends while there is work, so it is said here when it is
        // others' turn.
        if turn >= whole_turn {
            turn = 0;
            tokio::task::yield_now().await;
        }
    }
}

impl<T, S, W, F> Shared<T, S, W, F>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send,
    F: Onward<T::Edges, W::Output>,
{
    /// Ticks, or finishes, and hands on what that came to.
    async fn turn_to(&self, due: Due, agenda: &mut Agenda, replica: &Replica, own: &mut W::Own) {
        match due {
            Due::Tick(step) => self.originate(Occasion::Tick(step), replica, own).await,
            Due::Finish(order) => {
                let step = order.step;
                let is_aborted = self.queue.core().is_stopping();
                let is_due = !is_aborted && self.work.is_unfinished(step, own);
                agenda.is_over(step);
                if is_due {
                    self.originate(Occasion::Finish(step), replica, own).await;
                }
                order.done(is_due);
            }
        }
    }

    async fn originate(&self, occasion: Occasion, replica: &Replica, own: &mut W::Own) {
        let begun = self.work.originate(occasion, &self.state, replica, own);
        if let Some((output, branch)) = begun.await {
            self.hand_on(output, branch).complete().await;
        }
    }
}
