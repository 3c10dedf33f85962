//! How the tasks of a step are wired: the step, those that it calls, and where the
//! output goes.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use super::agenda::Duty;
use super::onward::{As, Nowhere, Onward, To};
use super::process::{Called, Last, Process};
use super::runner::Runner;
use super::serve::{Shared, serve};
use super::{Apart, HandedOn, Otherwise, Sink, Step, Takes, WorkflowStep};
use crate::boundary::Crosses;
use crate::edge::{Edge, Queue};
use crate::fate::{Branch, Delivery};
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

    /// The same, in a process of its own.
    pub(crate) fn apart(self) -> Task<'w, T, S, Apart<S>> {
        Task {
            wiring: self.wiring,
            queue: self.queue,
            edges: self.edges,
            work: apart(self.work),
        }
    }
}

#[cfg(feature = "process")]
fn apart<S: WorkflowStep>(runner: Runner<S>) -> Apart<S> {
    super::Away::new(runner)
}

#[cfg(not(feature = "process"))]
fn apart<S: WorkflowStep>(runner: Runner<S>) -> Apart<S> {
    runner
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
        C: Step<T::State> + Takes<W::Output>,
    {
        let core = Arc::clone(self.queue.core());
        Task {
            wiring: self.wiring,
            queue: self.queue,
            edges: self.edges,
            work: Called {
                first: self.work,
                second: Runner::called(core, number, otherwise),
                step: PhantomData,
            },
        }
    }

    /// The same, of a step that runs in a process of its own.
    pub fn call_apart<C>(
        self,
        number: usize,
        otherwise: Otherwise<C>,
    ) -> Task<'w, T, S, Called<W, C, Apart<C>>>
    where
        C: Step<T::State> + Takes<W::Output>,
        C::Input: Crosses,
        C::Output: Crosses,
    {
        let core = Arc::clone(self.queue.core());
        let second = Runner::called(core, number, otherwise);
        Task {
            wiring: self.wiring,
            queue: self.queue,
            edges: self.edges,
            work: Called {
                first: self.work,
                second: apart(second),
                step: PhantomData,
            },
        }
    }

    /// Hands the output on to one other step.
    pub fn to<N: Takes<W::Output>>(self, edge: &Edge<N>) {
        self.onward(To(edge.clone()));
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
        self.onward(As(hand_on));
    }

    fn onward(self, onward: impl Onward<T::Edges, W::Output>) {
        let step = self.queue.number();
        let replicas = T::specs().steps[step].replicas;
        let shared = Arc::new(Shared::<T, S, W, _> {
            state: self.wiring.state().clone(),
            queue: self.queue,
            edges: self.edges,
            work: self.work,
            onward,
        });
        let steps = Duty::steps(&shared.work.duties());
        for replica in 0..replicas {
            let shared = Arc::clone(&shared);
            let mut nested = shared.work.nested(&shared.state);
            for (step, inner) in shared.work.inner(&mut nested) {
                self.wiring.child(step, inner.child());
            }
            let nested = Arc::new(Mutex::new(nested));
            let orders = (!steps.is_empty()).then(|| self.wiring.orders(&steps));
            self.wiring.spawn(step, move || {
                serve(&shared, replica, orders.as_ref(), &nested)
            });
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
        self.onward(Nowhere);
    }
}
