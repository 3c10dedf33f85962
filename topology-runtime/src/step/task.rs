//! The tasks of a step: each replica takes a message, runs the step and those
//! it calls, and hands the output on.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};

use super::agenda::{Agenda, Due, Next};
use super::arrival::Arrival;
use super::originate::Occasion;
use super::overlap::overlap;
use super::process::{Called, Last, Process};
use super::runner::{Replica, Runner};
use super::{Apart, Failure, FailureKind, HandedOn, Otherwise, Sink, Step, Takes, WorkflowStep};
use crate::boundary::Crosses;
use crate::edge::{Edge, Inbox, Queue};
use crate::fate::{Branch, Delivery, catch};
use crate::state::Lent;
use crate::supervisor::{Orders, turn};
use crate::telemetry::Writer;
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
        let edge = edge.clone();
        self.then(move |_, output, branch| edge.offer(N::take(output), branch));
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
        let step = self.queue.number();
        let replicas = T::specs().steps[step].replicas;
        let shared = Arc::new(Shared::<T, S, W, _> {
            state: self.wiring.state().clone(),
            queue: self.queue,
            edges: self.edges,
            work: self.work,
            hand_on,
        });
        let duties = shared.work.duties();
        let steps: Vec<_> = duties.iter().map(|duty| duty.step).collect();
        for replica in 0..replicas {
            let shared = Arc::clone(&shared);
            let mut nested = shared.work.nested(&shared.state);
            for (step, inner) in shared.work.inner(&mut nested) {
                self.wiring.child(step, inner.child());
            }
            let nested = Arc::new(Mutex::new(nested));
            let orders = (!steps.is_empty()).then(|| self.wiring.orders(&steps));
            self.wiring.spawn(step, move || {
                serve(Arc::clone(&shared), replica, orders.clone(), &nested)
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
        self.then(|_, (), branch| branch.end());
    }
}

/// What the replicas of a task share.
pub(super) struct Shared<T: Topology, S: Step<T::State>, W, F> {
    state: Lent<T::State>,
    pub(super) queue: Queue<S>,
    edges: Arc<T::Edges>,
    pub(super) work: W,
    hand_on: F,
}

impl<T, S, W, F> Shared<T, S, W, F>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send,
    F: Fn(&T::Edges, W::Output, Branch) -> HandedOn,
{
    /// Hands an output on. The user's patterns, guards and expressions run
    /// here, and fail the message if they panic.
    fn hand_on(&self, output: &mut Option<W::Output>, branch: &mut Option<Branch>) -> Delivery {
        let mut handed_on = Ok(Delivery::DONE);
        let caught = catch(|| {
            if let (Some(output), Some(branch)) = (output.take(), branch.take()) {
                handed_on = (self.hand_on)(&self.edges, output, branch);
            }
        });
        match caught {
            Ok(()) => handed_on.unwrap_or_else(|overfull| self.work.refuse(*overfull)),
            Err((text, unwound)) => {
                let core = self.queue.core();
                let step = core.step_name(self.work.last());
                let failure = Failure::new(FailureKind::Panic(text), core.name, step, 1);
                let failed = unwound
                    .into_iter()
                    .map(|scope| scope.unwind(failure.clone()));
                failed.fold(Delivery::DONE, Delivery::and)
            }
        }
    }

    /// Works on a message, and hands on what that came to.
    pub(super) async fn work_on(
        &self,
        mut message: Option<S::Input>,
        mut arrival: Arrival,
        replica: &Replica,
        own: &mut W::Own,
    ) {
        let mut output = None;
        let with = (&self.state, replica);
        let work = self
            .work
            .process(with, &mut message, &mut arrival, &mut output, own);
        work.await;
        let delivery = self.hand_on(&mut output, &mut arrival.branch);
        delivery.complete().await;
    }

    /// Ticks, or finishes, and hands on what that came to.
    async fn attend(&self, due: Due, agenda: &mut Agenda, replica: &Replica, own: &mut W::Own) {
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
            let delivery = self.hand_on(&mut Some(output), &mut Some(branch));
            delivery.complete().await;
        }
    }
}

/// How many messages a replica may start on before others have their turn: as
/// many as tokio lets its own channels bring.
pub(crate) const TURN: u32 = 128;

/// One replica, until it is stopped.
fn serve<T, S, W, F>(
    shared: Arc<Shared<T, S, W, F>>,
    replica: usize,
    orders: Option<Orders>,
    nested: &Mutex<W::Own>,
) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send + 'static,
    F: Fn(&T::Edges, W::Output, Branch) -> HandedOn + Send + Sync + 'static,
{
    let mut nested = nested.lock().unwrap_or_else(PoisonError::into_inner);
    let mut own = shared.work.another(&mut nested);
    drop(nested);
    if W::OVERLAPS {
        return Box::pin(overlap(shared, own));
    }
    let core = Arc::clone(shared.queue.core());
    Box::pin(turn::in_turns(core, async move {
        let number = shared.queue.number();
        let spec = &T::specs().steps[number];
        let post = shared.queue.core().registry.begin(number, replica);
        let queue = shared.queue.of_replica(replica);
        let replica = Replica::new(Writer::of(spec.replicas), replica, post);
        // What a task has taken and not started on expires late if it takes long, on
        // a thread of its own.
        let is_here = spec.boundary.is_none() || W::GOES_AHEAD;
        let is_alone = spec.replicas == 1 && is_here;
        let mut inbox = Inbox::new(queue.clone(), is_alone);
        let (mut now, mut turn, whole_turn) = (None, 0, spec.turn());
        let (mut message, mut arrival, mut output) = (None, Arrival::none(), None);
        let mut agenda = match orders {
            Some(orders) => Some(Agenda::new(&shared.work.duties(), orders).await),
            None => None,
        };
        'messages: loop {
            let over = agenda.as_ref().map_or(&[][..], |agenda| &agenda.over);
            shared.work.prepare(&shared.state, &mut own, over);
            // A thread that was given up is still at work: its replica is not
            // free before it has finished.
            if W::IS_BLOCKING {
                let _ = inbox.or_rest(replica.thread.acquire()).await;
            }
            let mut is_alone = true;
            if W::GOES_AHEAD {
                let mut hand_on = |output: &mut _, branch: &mut _| shared.hand_on(output, branch);
                let ahead = shared
                    .work
                    .process_ahead(&replica, &mut inbox, &mut own, &mut hand_on);
                is_alone = ahead.await;
                now = None;
            }
            match &mut agenda {
                None => {
                    while !inbox.bring(now, &mut message, &mut arrival) {
                        inbox.filled().await;
                        now = None;
                        if !is_alone {
                            continue 'messages;
                        }
                    }
                }
                Some(agenda) => match agenda.next(&queue).await {
                    Next::Message(taken) => {
                        message = Some(taken.message);
                        arrival.comes(taken.branch, taken.waited, taken.at, taken.links);
                    }
                    Next::Due(due) => {
                        shared.attend(due, agenda, &replica, &mut own).await;
                        if spec.boundary.is_some() {
                            tokio::task::yield_now().await;
                        }
                        continue;
                    }
                },
            }
            {
                // Where it stands: moving it would cost as much as a queue.
                let mut work = pin!(shared.work.process(
                    (&shared.state, &replica),
                    &mut message,
                    &mut arrival,
                    &mut output,
                    &mut own,
                ));
                inbox.or_rest(work.as_mut()).await;
            }
            now = arrival.branch.as_ref().map(|branch| branch.at);
            let delivery = shared.hand_on(&mut output, &mut arrival.branch);
            if !delivery.is_done() {
                inbox.or_rest(delivery.complete()).await;
                now = None;
            }
            // Nothing above pends while there is work, so it is said here when
            // it is others' turn.
            turn += 1;
            if turn == whole_turn {
                turn = 0;
                inbox.or_rest(tokio::task::yield_now()).await;
            }
        }
    }))
}
