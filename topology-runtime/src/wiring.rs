//! What expansions of the macros call. Not for use by hand: it changes with
//! the macros.

use std::sync::Arc;

pub use crate::edge::{Edge, EdgeSpec, Lane, Out, Overflow, Part, Queue};
pub use crate::fate::{Branch, Delivery};
pub use crate::state::Provide;
pub use crate::step::{
    Attempted, Boundary, BusyBoundary, Contract, Fallible, ForkClone, FromFailure, Inline, Join,
    Kind, Otherwise, Retry, RetryClone, Sink, Step, StepContext, StepSpec, Takes, TakesPart, Task,
    WorkflowStep, blocking,
};
pub use crate::topology::{Always, Answers, Maybe, Never, Topology};

use crate::edge::AnyQueue;
use crate::step::Runner;
use crate::supervisor::{Core, Supervisor, TaskMaker};

/// A topology while it is put together.
pub struct Wiring<T: Topology> {
    core: Arc<Core>,
    state: Arc<T::State>,
    lanes: Vec<Arc<Lane>>,
    queues: Vec<Box<dyn AnyQueue>>,
    makers: Vec<TaskMaker>,
}

impl<T: Topology> Wiring<T> {
    pub(crate) fn new(core: Arc<Core>, state: T::State) -> Self {
        Self {
            core,
            state: Arc::new(state),
            lanes: T::EDGES
                .iter()
                .map(|spec| Arc::new(Lane::new(spec)))
                .collect(),
            queues: Vec::new(),
            makers: Vec::new(),
        }
    }

    /// The queue of a step.
    pub fn queue<S: Step<T::State>>(&mut self, number: usize) -> Queue<S> {
        let queue = Queue::new(Arc::clone(&self.core), number);
        self.queues.push(Box::new(queue.clone()));
        queue
    }

    /// The queue of a join.
    pub fn join<S: Step<T::State> + Join>(&mut self, number: usize) -> Queue<S> {
        self.queue(number)
    }

    /// An edge into a queue.
    pub fn edge<S: WorkflowStep>(&self, number: usize, queue: &Queue<S>) -> Edge<S> {
        Edge::new(queue.clone(), self.lane(number))
    }

    /// An edge into a join.
    pub fn part<S: Join, const I: usize>(&self, number: usize, queue: &Queue<S>) -> Part<S, I> {
        Part::new(queue.clone(), self.lane(number))
    }

    /// An edge to `out`.
    pub fn out(&self, number: usize) -> Out<T> {
        Out::new(self.lane(number))
    }

    /// The task of a step.
    pub fn task<S: Step<T::State>>(
        &mut self,
        queue: Queue<S>,
        edges: &Arc<T::Edges>,
    ) -> Task<'_, T, S, Runner<S>> {
        Task::new(self, queue, edges)
    }

    pub(crate) fn state(&self) -> &Arc<T::State> {
        &self.state
    }

    pub(crate) fn spawn(
        &mut self,
        make: impl Fn() -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static,
    ) {
        self.makers.push(Box::new(make));
    }

    pub(crate) fn finish(self) -> (Vec<Arc<Lane>>, Supervisor) {
        let supervisor = Supervisor::new(self.core, self.makers, self.queues);
        (self.lanes, supervisor)
    }

    fn lane(&self, number: usize) -> Arc<Lane> {
        Arc::clone(&self.lanes[number])
    }
}

/// Constants that the macros could not evaluate, held against their rules.
pub mod checked {
    use std::time::Duration;

    /// Rule `zero_capacity`.
    ///
    /// # Panics
    ///
    /// At compile time, for 0.
    #[track_caller]
    pub const fn capacity(capacity: usize) {
        assert!(
            capacity > 0,
            "nothing can ever pass with a capacity of 0 (rule `zero_capacity`)"
        );
    }

    /// Rule `zero_capacity`.
    ///
    /// # Panics
    ///
    /// At compile time, for 0.
    #[track_caller]
    pub const fn replicas(replicas: usize) {
        assert!(
            replicas > 0,
            "nothing can ever pass with 0 replicas (rule `zero_capacity`)"
        );
    }

    /// Rule `fine_timeout`.
    ///
    /// # Panics
    ///
    /// At compile time, for less than a millisecond or a fraction of one.
    #[track_caller]
    pub const fn timeout(timeout: Duration) {
        assert!(
            timeout.as_nanos() >= 1_000_000 && timeout.as_nanos().is_multiple_of(1_000_000),
            "tokio's timer ticks in milliseconds: a time is whole milliseconds, and at least one (rule `fine_timeout`)"
        );
    }

    /// Rule `unbounded_retry`.
    ///
    /// # Panics
    ///
    /// At compile time, for less than 2.
    #[track_caller]
    pub const fn attempts(attempts: usize) {
        assert!(
            attempts > 1,
            "a retry has at least 2 attempts: the first try counts (rule `unbounded_retry`)"
        );
    }

    /// Rule `empty_backoff`.
    ///
    /// # Panics
    ///
    /// At compile time, if the range ends before it begins.
    #[track_caller]
    pub const fn backoff(from: Duration, to: Duration) {
        timeout(from);
        timeout(to);
        assert!(
            from.as_nanos() <= to.as_nanos(),
            "the backoff ends before it begins (rule `empty_backoff`)"
        );
    }
}
