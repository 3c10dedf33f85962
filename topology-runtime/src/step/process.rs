//! What one task does with a message: one step, or several that call one
//! another.

use std::future::{Future, ready};
use std::marker::PhantomData;

use super::agenda::Duty;
use super::arrival::Arrival;
use super::originate::Occasion;
use super::runner::{Replica, Runner};
use super::straight::{Calling, NoWay, Straight};
use super::{Inner, Kind, Overfull, Step, WorkflowStep};
use crate::edge::Inbox;
use crate::fate::{Branch, Delivery};
use crate::state::Lent;

/// Hands on what came of a message.
pub trait HandOn<M>: FnMut(M, Branch) -> Delivery + Send {}

impl<M, F: FnMut(M, Branch) -> Delivery + Send> HandOn<M> for F {}

/// One or several steps that run one after the other in one task.
pub trait Process<State>: Sized + Send + Sync + 'static {
    type Input: Send + 'static;
    type Output: Send + 'static;
    /// Whether a step of it runs on a thread of its own.
    const IS_BLOCKING: bool;
    /// Whether it goes on with the next message before the last one is done:
    /// a topology does.
    const OVERLAPS: bool;
    /// Whether a step of it begins messages of its own.
    const BEGINS: bool;
    /// Whether messages can be sent ahead to where it works.
    const GOES_AHEAD: bool = false;
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

    /// Takes the message, and puts what the last step returned into `output`, if
    /// every step ended well.
    fn process(
        &self,
        with: (&Lent<State>, &Replica),
        message: &mut Option<Self::Input>,
        arrival: &mut Arrival,
        output: &mut Option<Self::Output>,
        own: &mut Self::Own,
    ) -> impl Future<Output = ()> + Send;

    /// Whether there is a way through its steps for messages that nothing is out of the
    /// ordinary with.
    fn goes_straight(&self) -> bool {
        false
    }

    /// That way.
    fn straight(
        _: &Lent<State>,
    ) -> Option<
        impl Straight<Work = Self, Input = Self::Input, Output = Self::Output> + use<Self, State>,
    > {
        None::<NoWay<Self, Self::Input, Self::Output>>
    }

    /// Works on those messages that can be sent ahead to where the step is, and comes
    /// back when the next one is to be worked on by itself, or none is there; `true` if
    /// that holds for whichever comes.
    fn process_ahead<Q>(
        &self,
        _: &Replica,
        _: &mut Inbox<Q>,
        _: &mut Self::Own,
        _: &mut impl HandOn<Self::Output>,
    ) -> impl Future<Output = bool> + Send
    where
        Q: WorkflowStep<Input = Self::Input>,
    {
        ready(false)
    }
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
    const BEGINS: bool = S::CONTRACT.begins_messages();
    type Own = Option<S::Own>;

    fn nested(&self, state: &Lent<State>) -> Self::Own {
        if <Self as Process<State>>::OVERLAPS {
            S::own(state)
        } else {
            None
        }
    }

    fn another(&self, own: &mut Self::Own) -> Self::Own {
        if !<Self as Process<State>>::OVERLAPS {
            return None;
        }
        let inner = S::nested(own.as_mut()?)?;
        let another: Box<S::Own> = inner.another().downcast().ok()?;
        Some(*another)
    }

    fn inner<'o>(&self, own: &'o mut Self::Own) -> Vec<(usize, &'o mut dyn Inner)> {
        let mut all = Vec::new();
        if <Self as Process<State>>::OVERLAPS
            && let Some(own) = own
            && let Some(inner) = S::nested(own)
        {
            all.push((self.number(), inner));
        }
        all
    }

    fn duties(&self) -> Vec<Duty> {
        Duty::of::<S>(self.number()).into_iter().collect()
    }

    fn prepare(&self, state: &Lent<State>, own: &mut Self::Own, over: &[usize]) {
        // A function has no state: nothing is to be made for each message.
        if Self::HAS_OWN && own.is_none() && !over.contains(&self.number()) {
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
        with: (&Lent<State>, &Replica),
        message: &mut Option<S::Input>,
        arrival: &mut Arrival,
        output: &mut Option<S::Output>,
        own: &mut Self::Own,
    ) -> impl Future<Output = ()> + Send {
        self.run(with, message, arrival, output, own)
    }

    fn goes_straight(&self) -> bool {
        self.goes_straight()
    }

    fn straight(
        state: &Lent<State>,
    ) -> Option<impl Straight<Work = Self, Input = S::Input, Output = S::Output> + use<State, S>>
    {
        Some(Self::through(state.clone()))
    }
}

/// `first >> second`
pub struct Called<P, S: super::WorkflowStep, Q = Runner<S>> {
    pub(super) first: P,
    pub(super) second: Q,
    pub(super) step: PhantomData<fn() -> S>,
}

impl<State, P, S, Q> Process<State> for Called<P, S, Q>
where
    State: Send + Sync + 'static,
    P: Process<State>,
    P::Input: Send,
    P::Output: Send,
    S: Step<State> + super::Takes<P::Output>,
    Q: Process<State, Input = S::Input, Output = S::Output>,
{
    type Input = P::Input;
    type Output = S::Output;
    const IS_BLOCKING: bool = P::IS_BLOCKING || Q::IS_BLOCKING;
    /// The steps behind are called one message after the other.
    const OVERLAPS: bool = false;
    const BEGINS: bool = P::BEGINS || Q::BEGINS;
    type Own = (P::Own, Q::Own);

    fn nested(&self, state: &Lent<State>) -> Self::Own {
        (self.first.nested(state), self.second.nested(state))
    }

    fn another(&self, own: &mut Self::Own) -> Self::Own {
        let first = self.first.another(&mut own.0);
        (first, self.second.another(&mut own.1))
    }

    fn inner<'o>(&self, own: &'o mut Self::Own) -> Vec<(usize, &'o mut dyn Inner)> {
        let mut inner = self.first.inner(&mut own.0);
        inner.extend(self.second.inner(&mut own.1));
        inner
    }

    fn duties(&self) -> Vec<Duty> {
        let mut duties = self.first.duties();
        duties.extend(self.second.duties());
        duties
    }

    fn prepare(&self, state: &Lent<State>, own: &mut Self::Own, over: &[usize]) {
        self.first.prepare(state, &mut own.0, over);
        self.second.prepare(state, &mut own.1, over);
    }

    fn is_unfinished(&self, step: usize, own: &Self::Own) -> bool {
        self.first.is_unfinished(step, &own.0) || self.second.is_unfinished(step, &own.1)
    }

    async fn originate(
        &self,
        occasion: Occasion,
        state: &Lent<State>,
        replica: &Replica,
        own: &mut Self::Own,
    ) -> Option<(S::Output, Branch)> {
        if occasion.step() == self.second.last() {
            let begun = self.second.originate(occasion, state, replica, &mut own.1);
            return begun.await;
        }
        let begun = self.first.originate(occasion, state, replica, &mut own.0);
        let (output, branch) = begun.await?;
        self.call(state, replica, output, branch, &mut own.1).await
    }

    fn last(&self) -> usize {
        self.second.last()
    }

    fn refuse(&self, overfull: Overfull) -> Delivery {
        self.second.refuse(overfull)
    }

    async fn process(
        &self,
        with: (&Lent<State>, &Replica),
        message: &mut Option<P::Input>,
        arrival: &mut Arrival,
        output: &mut Option<S::Output>,
        own: &mut Self::Own,
    ) {
        let mut passed = None;
        let (first, second) = own;
        let first = self
            .first
            .process(with, message, arrival, &mut passed, first);
        first.await;
        if let Some(passed) = passed {
            let mut message = Some(S::take(passed));
            arrival.is_called();
            let second = self
                .second
                .process(with, &mut message, arrival, output, second);
            second.await;
        }
    }

    fn goes_straight(&self) -> bool {
        self.first.goes_straight() && self.second.goes_straight()
    }

    fn straight(
        state: &Lent<State>,
    ) -> Option<
        impl Straight<Work = Self, Input = P::Input, Output = S::Output> + use<State, P, S, Q>,
    > {
        let (first, second) = (P::straight(state)?, Q::straight(state)?);
        Some(Calling::<S, _, _>::new(first, second))
    }
}

impl<P, S: super::WorkflowStep, Q> Called<P, S, Q> {
    /// Calls the second step with what the first one began.
    async fn call<State, M>(
        &self,
        state: &Lent<State>,
        replica: &Replica,
        output: M,
        branch: Branch,
        own: &mut Q::Own,
    ) -> Option<(S::Output, Branch)>
    where
        State: Send + Sync + 'static,
        S: Step<State> + super::Takes<M>,
        Q: Process<State, Input = S::Input, Output = S::Output>,
    {
        let mut arrival = Arrival::called(branch);
        let (mut message, mut output) = (Some(S::take(output)), None);
        let with = (state, replica);
        let called = self
            .second
            .process(with, &mut message, &mut arrival, &mut output, own);
        called.await;
        output.zip(arrival.branch)
    }
}

/// The last step of a task.
pub trait Last {
    type Step;
}

impl<S: super::WorkflowStep> Last for Runner<S> {
    type Step = S;
}

impl<P, S: super::WorkflowStep, Q> Last for Called<P, S, Q> {
    type Step = S;
}
