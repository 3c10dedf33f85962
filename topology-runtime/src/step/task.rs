//! The tasks of a step: each replica takes a message, runs the step and those
//! it calls, and hands the output on.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::runner::{Arrival, Replica, Runner};
use super::{Failure, FailureKind, HandedOn, Kind, Otherwise, Overfull, Sink, Step};
use crate::edge::Queue;
use crate::fate::{Branch, Delivery, catch};
use crate::topology::Topology;
use crate::wiring::Wiring;

/// A task that is being wired: a step, the steps it calls, and an end.
#[must_use = "a task runs once it has an end: `then` or `ends`"]
pub struct Task<'w, T: Topology, S: Step<T::State>, W> {
    wiring: &'w mut Wiring<T>,
    queue: Queue<S>,
    edges: Arc<T::Edges>,
    work: W,
}

/// One or several steps that run one after the other in one task.
pub trait Process<State>: Send + Sync + 'static {
    type Input;
    type Output;
    /// Whether a step of it runs on a thread of its own.
    const IS_BLOCKING: bool;

    /// The number of the last step.
    fn last(&self) -> usize;

    /// The output of the last step cannot be handed on: the step has failed.
    fn refuse(&self, overfull: Overfull) -> Delivery;

    /// What the last step returned, if every step ended well.
    fn process(
        &self,
        state: &Arc<State>,
        replica: &Replica,
        message: Self::Input,
        arrival: Arrival,
    ) -> impl Future<Output = Option<(Self::Output, Branch)>> + Send;
}

impl<State, S> Process<State> for Runner<S>
where
    State: Send + Sync + 'static,
    S: Step<State>,
{
    type Input = S::Input;
    type Output = S::Output;
    const IS_BLOCKING: bool = matches!(S::CONTRACT.kind, Kind::Blocking);

    fn last(&self) -> usize {
        self.number()
    }

    fn refuse(&self, overfull: Overfull) -> Delivery {
        self.fail_output(overfull)
    }

    async fn process(
        &self,
        state: &Arc<State>,
        replica: &Replica,
        message: S::Input,
        arrival: Arrival,
    ) -> Option<(S::Output, Branch)> {
        self.run(state, replica, message, arrival).await
    }
}

/// `first >> second`
pub struct Called<P, S: super::WorkflowStep> {
    first: P,
    second: Runner<S>,
}

impl<State, P, S> Process<State> for Called<P, S>
where
    State: Send + Sync + 'static,
    P: Process<State>,
    P::Input: Send,
    P::Output: Send,
    S: Step<State> + super::Takes<P::Output>,
{
    type Input = P::Input;
    type Output = S::Output;
    const IS_BLOCKING: bool = P::IS_BLOCKING || matches!(S::CONTRACT.kind, Kind::Blocking);

    fn last(&self) -> usize {
        self.second.number()
    }

    fn refuse(&self, overfull: Overfull) -> Delivery {
        self.second.fail_output(overfull)
    }

    async fn process(
        &self,
        state: &Arc<State>,
        replica: &Replica,
        message: P::Input,
        arrival: Arrival,
    ) -> Option<(S::Output, Branch)> {
        let (output, branch) = self.first.process(state, replica, message, arrival).await?;
        let arrival = Arrival::called(branch);
        self.second
            .run(state, replica, S::take(output), arrival)
            .await
    }
}

impl<'w, T, S> Task<'w, T, S, Runner<S>>
where
    T: Topology,
    S: Step<T::State>,
{
    pub(crate) fn new(wiring: &'w mut Wiring<T>, queue: Queue<S>, edges: &Arc<T::Edges>) -> Self {
        Self {
            wiring,
            work: Runner::of_queue(queue.clone()),
            queue,
            edges: Arc::clone(edges),
        }
    }
}

impl<'w, T, S, W> Task<'w, T, S, W>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send + 'static,
{
    /// Calls another step with the output, in the same task.
    pub fn call<C>(self, number: usize, otherwise: Otherwise<C>) -> Task<'w, T, S, Called<W, C>>
    where
        C: Step<T::State> + super::Takes<W::Output>,
    {
        let core = Arc::clone(self.queue.core());
        Task {
            wiring: self.wiring,
            queue: self.queue,
            edges: self.edges,
            work: Called {
                first: self.work,
                second: Runner::called(core, number, otherwise),
            },
        }
    }

    /// Hands the output on.
    pub fn then(
        self,
        hand_on: impl Fn(&T::Edges, W::Output, Branch) -> Delivery + Send + Sync + 'static,
    ) {
        self.each(move |edges, output, branch| Ok(hand_on(edges, output, branch)));
    }

    /// Hands the items of the output on, which may be too many.
    pub fn each(
        self,
        hand_on: impl Fn(&T::Edges, W::Output, Branch) -> HandedOn + Send + Sync + 'static,
    ) {
        let replicas = T::STEPS[self.queue.number()].replicas;
        let shared = Arc::new(Shared::<T, S, W, _> {
            state: Arc::clone(self.wiring.state()),
            queue: self.queue,
            edges: self.edges,
            work: self.work,
            hand_on,
        });
        for _ in 0..replicas {
            let shared = Arc::clone(&shared);
            self.wiring.spawn(move || serve(Arc::clone(&shared)));
        }
    }
}

impl<T, S, W, L> Task<'_, T, S, W>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input, Output = ()> + Last<Step = L>,
    L: Sink,
{
    /// Ends the branch: the last step is a sink.
    pub fn ends(self) {
        self.then(|_, (), branch| branch.end());
    }
}

/// The last step of a task.
pub trait Last {
    type Step;
}

impl<S: super::WorkflowStep> Last for Runner<S> {
    type Step = S;
}

impl<P, S: super::WorkflowStep> Last for Called<P, S> {
    type Step = S;
}

/// What the replicas of a task share.
struct Shared<T: Topology, S: Step<T::State>, W, F> {
    state: Arc<T::State>,
    queue: Queue<S>,
    edges: Arc<T::Edges>,
    work: W,
    hand_on: F,
}

impl<T, S, W, F> Shared<T, S, W, F>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    F: Fn(&T::Edges, W::Output, Branch) -> HandedOn,
{
    /// Hands an output on. The user's patterns, guards and expressions run
    /// here, and fail the message if they panic.
    fn hand_on(&self, output: W::Output, branch: Branch) -> Delivery {
        let handed_on = catch(|| (self.hand_on)(&self.edges, output, branch));
        let handed_on = handed_on
            .map(|handed_on| handed_on.unwrap_or_else(|overfull| self.work.refuse(overfull)));
        handed_on.unwrap_or_else(|(text, unwound)| {
            let core = self.queue.core();
            let step = core.step_name(self.work.last());
            let failure = Failure::new(FailureKind::Panic(text), core.name, step, 1);
            let failed = unwound.iter().map(|scope| scope.unwind(failure.clone()));
            failed.fold(Delivery::DONE, Delivery::and)
        })
    }
}

/// One replica, until it is stopped.
fn serve<T, S, W, F>(shared: Arc<Shared<T, S, W, F>>) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send + 'static,
    F: Fn(&T::Edges, W::Output, Branch) -> HandedOn + Send + Sync + 'static,
{
    Box::pin(async move {
        let replica = Replica {
            thread: Arc::new(Semaphore::new(1)),
        };
        loop {
            // A thread that was given up is still at work: its replica is not
            // free before it has finished.
            if W::IS_BLOCKING {
                let _ = replica.thread.acquire().await;
            }
            let taken = shared.queue.take().await;
            let arrival = Arrival {
                branch: taken.branch,
                waited: Some(taken.waited),
                links: taken.links,
            };
            let worked = shared
                .work
                .process(&shared.state, &replica, taken.message, arrival);
            if let Some((output, branch)) = worked.await {
                shared.hand_on(output, branch).complete().await;
            }
            // Nothing above pends while there is work, so it is said here when
            // it is others' turn.
            tokio::task::coop::consume_budget().await;
        }
    })
}
