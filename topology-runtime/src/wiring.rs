//! What expansions of the macros call. Not for use by hand: it changes with
//! the macros.

use std::sync::Arc;

pub use crate::boundary::{BoundarySpec, Codec, Cores, Crosses, Host, Strategy, run_if_child};
pub use crate::budget::{
    Depth, Hop, Inside, InsideSpec, Loop, Root, Specified, Specs, Table, checked, hasty, is_hasty,
    is_idle, is_stateful, queue_bytes, worst_case,
};
pub use crate::edge::{
    Accepts, Back, Collect, Edge, EdgeSpec, Finish, First, Gather, Lane, Out, Overflow, Part,
    Queue, Receiver, each,
};
pub use crate::fate::{Branch, Delivery};
pub use crate::source::{Dry, Flow, Item, LeadsToSource, NoInput, Source};
pub use crate::state::{Lent, Provide};
pub use crate::step::batch::{self, BatchTask, Batched, Batches};
pub use crate::step::{
    Around, AsItIs, Attempted, Begins, Contract, Fallible, ForkClone, FromFailure, Function,
    HandedOn, Inline, Inner, Items, Join, Joins, Kind, LeadsToJoin, Nested, NotAtAll, Otherwise,
    Output, Overfull, Rate, Reactive, Retries, Retry, Single, Sink, Starts, Step, StepContext,
    StepError, StepSpec, Takes, TakesPart, TakesSkippable, Task, WorkflowStep, attempted, blocking,
    blocking_own, done, lent, started,
};
pub use crate::topology::{Always, Answers, End, Maybe, Never, Topology};
pub use futures_core::Stream;

#[cfg(feature = "pictures")]
pub use topology_macros::picture;

mod fallback;
mod fours;
mod offer;

pub use self::fallback::{AlikeReplicas, BusyBoundary, PatientEdge, Unwired};
pub use self::fours::{Bit0, Bit1, Bit2, Bit3, Four, Hasty};
pub use self::offer::{Offer, offer};
use crate::edge::{AnyQueue, Seats};
use crate::step::{Apart, Runner};
pub use crate::supervisor::{Child, Outer};
use crate::supervisor::{Core, Finishing, Maker, Orders, Supervisor};

/// A topology while it is put together.
pub struct Wiring<T: Topology> {
    core: Arc<Core>,
    state: Lent<T::State>,
    lanes: Vec<Arc<Lane>>,
    queues: Vec<Box<dyn AnyQueue>>,
    makers: Vec<Maker>,
    finishing: Finishing,
}

impl<T: Topology> Wiring<T> {
    pub(crate) fn new(core: Arc<Core>, state: Lent<T::State>) -> Self {
        Self {
            core,
            state,
            lanes: lanes(T::specs()),
            queues: Vec::new(),
            makers: Vec::new(),
            finishing: Finishing::default(),
        }
    }

    /// The queue of a step.
    pub fn queue<S: Step<T::State>>(&mut self, number: usize) -> Queue<S> {
        let seats = Seats::of(&T::specs().steps[number]);
        let queue = Queue::new(Arc::clone(&self.core), number, seats);
        self.queues.push(Box::new(queue.clone()));
        queue
    }

    /// An edge into a queue.
    pub fn edge<S: WorkflowStep>(&self, number: usize, queue: &Queue<S>) -> Edge<S> {
        Edge::new(queue.clone(), self.lane(number))
    }

    /// An edge into a join.
    pub fn part<S: WorkflowStep, const I: usize>(
        &self,
        number: usize,
        queue: &Queue<S>,
    ) -> Part<S, I> {
        Part::new(queue.clone(), self.lane(number))
    }

    /// An edge to `out`.
    pub fn out(&self, number: usize) -> Out<T> {
        Out::new(self.lane(number))
    }

    /// An edge that collects the results of a scope, for what `edge` leads to.
    pub fn collect<R: Receiver>(&self, receiver: R) -> Collect<R> {
        Collect::new(receiver)
    }

    /// An edge behind a race.
    pub fn finish<R: Receiver>(&self, receiver: R) -> Finish<R> {
        Finish::new(receiver)
    }

    /// An edge behind a race with several winners.
    pub fn first<R: Receiver, M: Send + 'static>(&self, receiver: R) -> First<R, M> {
        First::new(receiver)
    }

    /// The task of a step.
    pub fn task<S: Step<T::State>>(
        &mut self,
        queue: Queue<S>,
        edges: &Arc<T::Edges>,
    ) -> Task<'_, T, S, Runner<S>> {
        Task::new(self, queue, edges)
    }

    /// The task of a step that runs in a process of its own.
    pub fn task_apart<S>(
        &mut self,
        queue: Queue<S>,
        edges: &Arc<T::Edges>,
    ) -> Task<'_, T, S, Apart<S>>
    where
        S: Step<T::State>,
        S::Input: Crosses,
        S::Output: Crosses,
    {
        Task::new(self, queue, edges).apart()
    }

    /// The task of a step that takes batches.
    pub fn batch_task<S: Batches + Step<T::State>>(
        &mut self,
        queue: Queue<Batched<S>>,
        edges: &Arc<T::Edges>,
    ) -> BatchTask<'_, T, S> {
        BatchTask::new(self, queue, edges)
    }

    /// The task of a source.
    pub fn source<S: Source<T::State>>(
        &mut self,
        number: usize,
        edges: &Arc<T::Edges>,
    ) -> Flow<'_, T, S> {
        Flow::new(self, number, edges)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(crate) fn state(&self) -> &Lent<T::State> {
        &self.state
    }

    /// A task of a step: it runs where the step does.
    pub(crate) fn spawn(
        &mut self,
        step: usize,
        make: impl Fn() -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static,
    ) {
        let boundary = T::specs().threads_of(step);
        self.makers.push(Maker {
            make: Box::new(make),
            boundary,
        });
    }

    /// A topology inside a step.
    pub(crate) fn child(&mut self, step: usize, child: Arc<dyn Child>) {
        let core: Arc<dyn Outer> = self.core.clone();
        child.belong_to(Arc::downgrade(&core));
        self.finishing.child(step, child);
    }

    /// What tells one replica to finish the states of these steps.
    pub(crate) fn orders(&mut self, steps: &[usize]) -> Orders {
        self.finishing.replica(steps)
    }

    pub(crate) fn wired(self) -> (Vec<Arc<Lane>>, Supervisor, Finishing) {
        let children = self.finishing.children();
        let children = children.map(|(_, child)| Arc::clone(child)).collect();
        let supervisor = Supervisor {
            core: self.core,
            makers: self.makers,
            specs: T::specs(),
            #[cfg(feature = "process")]
            lives: crate::supervisor::lives::<T>,
            queues: self.queues.into(),
            children,
        };
        (self.lanes, supervisor, self.finishing)
    }

    fn lane(&self, number: usize) -> Arc<Lane> {
        Arc::clone(&self.lanes[number])
    }
}

fn lanes(specs: &'static Specs) -> Vec<Arc<Lane>> {
    let seated = specs.steps.iter().filter(|step| step.has_seats());
    let seated: Vec<_> = seated.map(|step| step.name).collect();
    let lanes = specs.edges.iter();
    lanes
        .map(|spec| Arc::new(Lane::new(spec, seated.contains(&spec.to))))
        .collect()
}
