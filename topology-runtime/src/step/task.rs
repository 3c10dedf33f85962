//! The tasks of a step: each replica takes a message, runs the step and those
//! it calls, and hands the output on.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use super::agenda::{Agenda, Due, Duty, Next};
use super::originate::Occasion;
use super::overlap::overlap;
use super::runner::{Arrival, Replica, Runner};
use super::{Failure, FailureKind, HandedOn, Inner, Kind, Otherwise, Overfull, Sink, Step};
use crate::edge::{Inbox, Queue, Taken};
use crate::fate::{Branch, Delivery, catch};
use crate::state::Lent;
use crate::supervisor::Orders;
use crate::telemetry::{Tick, Writer};
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
    /// Whether it goes on with the next message before the last one is done:
    /// a topology does.
    const OVERLAPS: bool;
    /// The own states of its steps, in one replica.
    type Own: Default + Send + 'static;

    /// Starts the topologies among its steps, for one replica.
    fn nested(&self, state: &Lent<State>) -> Self::Own;

    /// Holds the same topologies once more, and no other states.
    fn another(&self, own: &mut Self::Own) -> Self::Own;

    /// The topologies among its steps.
    fn inner<'o>(&self, own: &'o mut Self::Own) -> Vec<(usize, &'o mut dyn Inner)>;

    /// What its steps do by themselves.
    fn duties(&self) -> Vec<Duty>;

    /// Makes the own states that are not there; steps in `over` need none.
    fn prepare(&self, state: &Lent<State>, own: &mut Self::Own, over: &[usize]);

    /// Whether the state of a step is still to be finished.
    fn is_unfinished(&self, step: usize, own: &Self::Own) -> bool;

    /// Lets a step begin a message by itself; what comes back is the last
    /// step's.
    fn originate(
        &self,
        occasion: Occasion,
        state: &Lent<State>,
        replica: &Replica,
        own: &mut Self::Own,
    ) -> impl Future<Output = Option<(Self::Output, Branch)>> + Send;

    /// The number of the last step.
    fn last(&self) -> usize;

    /// The output of the last step cannot be handed on: the step has failed.
    fn refuse(&self, overfull: Overfull) -> Delivery;

    /// What the last step returned, if every step ended well.
    fn process(
        &self,
        state: &Lent<State>,
        replica: &Replica,
        message: Self::Input,
        arrival: &mut Arrival,
        own: &mut Self::Own,
    ) -> impl Future<Output = Option<Self::Output>> + Send;
}

impl<State, S> Process<State> for Runner<S>
where
    State: Send + Sync + 'static,
    S: Step<State>,
{
    type Input = S::Input;
    type Output = S::Output;
    const IS_BLOCKING: bool = matches!(S::CONTRACT.kind, Kind::Blocking);
    const OVERLAPS: bool = matches!(S::CONTRACT.kind, Kind::Topology);
    type Own = Option<S::Own>;

    fn nested(&self, state: &Lent<State>) -> Self::Own {
        let is_topology = matches!(S::CONTRACT.kind, Kind::Topology);
        is_topology.then(|| S::own(state)).flatten()
    }

    fn another(&self, own: &mut Self::Own) -> Self::Own {
        let inner = S::nested(own.as_mut()?)?;
        inner.another().downcast().ok().map(|own| *own)
    }

    fn inner<'o>(&self, own: &'o mut Self::Own) -> Vec<(usize, &'o mut dyn Inner)> {
        let inner = own.as_mut().and_then(S::nested);
        inner
            .map(|inner| (self.number(), inner))
            .into_iter()
            .collect()
    }

    fn duties(&self) -> Vec<Duty> {
        Duty::of::<S>(self.number()).into_iter().collect()
    }

    fn prepare(&self, state: &Lent<State>, own: &mut Self::Own, over: &[usize]) {
        if own.is_none() && !over.contains(&self.number()) {
            *own = Self::make(state);
        }
    }

    fn is_unfinished(&self, step: usize, own: &Self::Own) -> bool {
        S::CONTRACT.finishes && step == self.number() && own.is_some()
    }

    async fn originate(
        &self,
        occasion: Occasion,
        state: &Lent<State>,
        replica: &Replica,
        own: &mut Self::Own,
    ) -> Option<(S::Output, Branch)> {
        self.begin(occasion, state, replica, own).await
    }

    fn last(&self) -> usize {
        self.number()
    }

    fn refuse(&self, overfull: Overfull) -> Delivery {
        self.fail_output(overfull)
    }

    fn process(
        &self,
        state: &Lent<State>,
        replica: &Replica,
        message: S::Input,
        arrival: &mut Arrival,
        own: &mut Self::Own,
    ) -> impl Future<Output = Option<S::Output>> + Send {
        self.run(state, replica, message, arrival, own)
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
    /// The steps behind are called one message after the other.
    const OVERLAPS: bool = false;
    type Own = (P::Own, Option<S::Own>);

    fn nested(&self, state: &Lent<State>) -> Self::Own {
        (self.first.nested(state), self.second.nested(state))
    }

    fn another(&self, own: &mut Self::Own) -> Self::Own {
        let second: &Runner<S> = &self.second;
        let first = self.first.another(&mut own.0);
        (first, Process::<State>::another(second, &mut own.1))
    }

    fn inner<'o>(&self, own: &'o mut Self::Own) -> Vec<(usize, &'o mut dyn Inner)> {
        let second: &Runner<S> = &self.second;
        let mut inner = self.first.inner(&mut own.0);
        inner.extend(Process::<State>::inner(second, &mut own.1));
        inner
    }

    fn duties(&self) -> Vec<Duty> {
        let mut duties = self.first.duties();
        duties.extend(Duty::of::<S>(self.second.number()));
        duties
    }

    fn prepare(&self, state: &Lent<State>, own: &mut Self::Own, over: &[usize]) {
        self.first.prepare(state, &mut own.0, over);
        self.second.prepare(state, &mut own.1, over);
    }

    fn is_unfinished(&self, step: usize, own: &Self::Own) -> bool {
        let second: &Runner<S> = &self.second;
        self.first.is_unfinished(step, &own.0)
            || Process::<State>::is_unfinished(second, step, &own.1)
    }

    async fn originate(
        &self,
        occasion: Occasion,
        state: &Lent<State>,
        replica: &Replica,
        own: &mut Self::Own,
    ) -> Option<(S::Output, Branch)> {
        if occasion.step() == self.second.number() {
            return self
                .second
                .begin(occasion, state, replica, &mut own.1)
                .await;
        }
        let begun = self.first.originate(occasion, state, replica, &mut own.0);
        let (output, branch) = begun.await?;
        self.call(state, replica, output, branch, &mut own.1).await
    }

    fn last(&self) -> usize {
        self.second.number()
    }

    fn refuse(&self, overfull: Overfull) -> Delivery {
        self.second.fail_output(overfull)
    }

    async fn process(
        &self,
        state: &Lent<State>,
        replica: &Replica,
        message: P::Input,
        arrival: &mut Arrival,
        own: &mut Self::Own,
    ) -> Option<S::Output> {
        let worked = self
            .first
            .process(state, replica, message, arrival, &mut own.0);
        let message = S::take(worked.await?);
        arrival.is_called();
        let called = self
            .second
            .run(state, replica, message, arrival, &mut own.1);
        called.await
    }
}

impl<P, S: super::WorkflowStep> Called<P, S> {
    /// Calls the second step with what the first one began.
    async fn call<State, M>(
        &self,
        state: &Lent<State>,
        replica: &Replica,
        output: M,
        branch: Branch,
        own: &mut Option<S::Own>,
    ) -> Option<(S::Output, Branch)>
    where
        S: Step<State> + super::Takes<M>,
    {
        let mut arrival = Arrival::called(branch);
        let message = S::take(output);
        let output = self
            .second
            .run(state, replica, message, &mut arrival, own)
            .await?;
        Some((output, arrival.branch?))
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
        let replicas = T::specs().steps[self.queue.number()].replicas;
        let shared = Arc::new(Shared::<T, S, W, _> {
            state: self.wiring.state().clone(),
            queue: self.queue,
            edges: self.edges,
            work: self.work,
            hand_on,
        });
        let duties = shared.work.duties();
        let steps: Vec<_> = duties.iter().map(|duty| duty.step).collect();
        for _ in 0..replicas {
            let shared = Arc::clone(&shared);
            let mut nested = shared.work.nested(&shared.state);
            for (step, inner) in shared.work.inner(&mut nested) {
                self.wiring.child(step, inner.child());
            }
            let nested = Arc::new(Mutex::new(nested));
            let orders = (!steps.is_empty()).then(|| self.wiring.orders(&steps));
            self.wiring
                .spawn(move || serve(Arc::clone(&shared), orders.clone(), &nested));
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

    /// Works on a message, and hands on what that came to. Says what time it is
    /// if nothing had to be waited for at last.
    pub(super) async fn work_on(
        &self,
        taken: Taken<S::Input>,
        replica: &Replica,
        own: &mut W::Own,
    ) -> Option<Tick> {
        let mut arrival = Arrival {
            branch: Some(taken.branch),
            waited: Some(taken.waited),
            at: taken.at,
            links: taken.links,
        };
        let worked = self
            .work
            .process(&self.state, replica, taken.message, &mut arrival, own);
        let output = worked.await?;
        let branch = arrival.branch?;
        let at = branch.at;
        let delivery = self.hand_on(output, branch);
        if delivery.is_done() {
            return Some(at);
        }
        delivery.complete().await;
        None
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
            self.hand_on(output, branch).complete().await;
        }
    }
}

/// One replica, until it is stopped.
fn serve<T, S, W, F>(
    shared: Arc<Shared<T, S, W, F>>,
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
    Box::pin(async move {
        let is_alone = T::specs().steps[shared.queue.number()].replicas == 1;
        let replica = Replica::new(Writer::of(if is_alone { 1 } else { 2 }));
        let mut inbox = Inbox::new(shared.queue.clone(), is_alone);
        let mut now = None;
        let mut agenda = match orders {
            Some(orders) => Some(Agenda::new(&shared.work.duties(), orders).await),
            None => None,
        };
        loop {
            let over = agenda.as_ref().map_or(&[][..], |agenda| &agenda.over);
            shared.work.prepare(&shared.state, &mut own, over);
            // A thread that was given up is still at work: its replica is not
            // free before it has finished.
            if W::IS_BLOCKING {
                let _ = inbox.or_rest(replica.thread.acquire()).await;
            }
            let taken = match &mut agenda {
                None => inbox.next(now).await,
                Some(agenda) => match agenda.next(&shared.queue).await {
                    Next::Message(taken) => taken,
                    Next::Due(due) => {
                        shared.attend(due, agenda, &replica, &mut own).await;
                        continue;
                    }
                },
            };
            let work = shared.work_on(taken, &replica, &mut own);
            now = inbox.or_rest(work).await;
            // Nothing above pends while there is work, so it is said here when
            // it is others' turn.
            inbox.or_rest(tokio::task::coop::consume_budget()).await;
        }
    })
}
