//! The tasks of a batching step: each replica takes what has come together,
//! runs the step once, and hands each output on.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::work::{Member, Work};
use super::{Batched, Batches};
use crate::edge::Queue;
use crate::fate::{Branch, Delivery, catch};
use crate::state::Lent;
use crate::step::runner::Runner;
use crate::step::{Failure, FailureKind, HandedOn, Kind, Step};
use crate::supervisor::turn;
use crate::topology::Topology;
use crate::wiring::Wiring;

/// A task of a batching step that is being wired: it needs an end.
#[must_use = "a task runs once it has an end: `then`, `each` or `ends`"]
pub struct BatchTask<'w, T: Topology, S: Batches> {
    wiring: &'w mut Wiring<T>,
    queue: Queue<Batched<S>>,
    edges: Arc<T::Edges>,
}

impl<'w, T, S> BatchTask<'w, T, S>
where
    T: Topology,
    S: Batches + Step<T::State>,
{
    pub(crate) fn new(
        wiring: &'w mut Wiring<T>,
        queue: Queue<Batched<S>>,
        edges: &Arc<T::Edges>,
    ) -> Self {
        Self {
            wiring,
            queue,
            edges: Arc::clone(edges),
        }
    }

    /// Hands each output on.
    pub fn then(
        self,
        hand_on: impl Fn(&T::Edges, S::Each, Branch) -> Delivery + Send + Sync + 'static,
    ) {
        self.each(move |edges, output, branch| Ok(hand_on(edges, output, branch)));
    }

    /// Hands the items of each output on, which may be too many.
    pub fn each(
        self,
        hand_on: impl Fn(&T::Edges, S::Each, Branch) -> HandedOn + Send + Sync + 'static,
    ) {
        let spec = &T::specs().steps[self.queue.number()];
        let (most, linger) = spec.batch.unwrap_or((1, Duration::ZERO));
        let shared = Arc::new(Shared::<T, S, _> {
            state: self.wiring.state().clone(),
            runner: Runner::of_queue(self.queue.clone()),
            queue: self.queue,
            edges: self.edges,
            most,
            linger,
            hand_on,
        });
        let step = shared.queue.number();
        for replica in 0..spec.replicas {
            let shared = Arc::clone(&shared);
            self.wiring
                .spawn(step, move || serve(Arc::clone(&shared), replica));
        }
    }
}

impl<T, S> BatchTask<'_, T, S>
where
    T: Topology,
    S: Batches<Each = ()> + Step<T::State>,
{
    /// Ends each branch: the step is a sink.
    pub fn ends(self) {
        self.then(|_, (), branch| branch.end());
    }
}

/// What the replicas of a task share.
struct Shared<T: Topology, S: Batches, F> {
    state: Lent<T::State>,
    runner: Runner<Batched<S>>,
    queue: Queue<Batched<S>>,
    edges: Arc<T::Edges>,
    most: usize,
    linger: Duration,
    hand_on: F,
}

impl<T, S, F> Shared<T, S, F>
where
    T: Topology,
    S: Batches,
    F: Fn(&T::Edges, S::Each, Branch) -> HandedOn,
{
    /// Hands an output on. The user's patterns, guards and expressions run
    /// here, and fail the message if they panic.
    fn hand_on(&self, output: S::Each, branch: Branch) -> Delivery {
        let handed_on = catch(|| (self.hand_on)(&self.edges, output, branch));
        let handed_on = handed_on.map(|handed_on| {
            handed_on.unwrap_or_else(|overfull| self.runner.fail_output(*overfull))
        });
        handed_on.unwrap_or_else(|(text, unwound)| {
            let core = self.queue.core();
            let step = core.step_name(self.queue.number());
            let failure = Failure::new(FailureKind::Panic(text), core.name, step, 1);
            let failed = unwound
                .into_iter()
                .map(|scope| scope.unwind(failure.clone()));
            failed.fold(Delivery::DONE, Delivery::and)
        })
    }
}

/// One replica, until it is stopped.
fn serve<T, S, F>(
    shared: Arc<Shared<T, S, F>>,
    replica: usize,
) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    T: Topology,
    S: Batches + Step<T::State>,
    F: Fn(&T::Edges, S::Each, Branch) -> HandedOn + Send + Sync + 'static,
{
    let core = Arc::clone(shared.queue.core());
    let number = shared.queue.number();
    Box::pin(turn::in_turns(core, number, async move {
        let spec = &T::specs().steps[shared.queue.number()];
        // It is at many messages at once: none of them stands for it.
        let number = shared.queue.number();
        let _post = shared.queue.core().registry.begin(number, replica);
        let thread = Arc::new(Semaphore::new(1));
        let queue = shared.queue.of_replica(replica);
        let mut own = None;
        loop {
            // A thread that was given up is still at work: its replica is not
            // free before it has finished.
            if matches!(S::CONTRACT.kind, Kind::Blocking) {
                let _ = thread.acquire().await;
            }
            if own.is_none() {
                own = Runner::<Batched<S>>::make(&shared.state);
            }
            let taken = queue.take_batch(shared.most, shared.linger).await;
            let members: Vec<Member<S>> = taken
                .into_iter()
                .map(|taken| Member::begin(&shared.queue, taken))
                .collect();
            let hand_on = |output, branch| shared.hand_on(output, branch);
            let mut work = Work::new(&shared.queue, &thread, members, &hand_on);
            let delivery = work.run(&shared.state, &mut own).await;
            delivery.complete().await;
            // Nothing above pends while there is work, so it is said here when
            // it is others' turn.
            if spec.boundary.is_some() {
                tokio::task::yield_now().await;
            } else {
                tokio::task::coop::consume_budget().await;
            }
        }
    }))
}
