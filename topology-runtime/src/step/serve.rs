//! The tasks of a step: each replica takes a message, runs the step and those
//! it calls, and hands the output on.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};

use super::arrival::Arrival;
use super::attend::attend;
use super::onward::Onward;
use super::overlap::overlap;
use super::process::Process;
use super::runner::Replica;
use super::station::Here;
use super::{Failure, FailureKind, Step, StepSpec};
use crate::edge::{Handed, Inbox, Queue};
use crate::fate::{Branch, Delivery, Scope, catch};
use crate::state::Lent;
use crate::supervisor::turn::{self, Lasting};
use crate::supervisor::{Core, Orders};
use crate::telemetry::Writer;
use crate::topology::Topology;

/// How many messages a replica may start on before others have their turn: as
/// many as tokio lets its own channels bring.
pub(crate) const TURN: u32 = 128;

/// What the replicas of a task share.
pub(super) struct Shared<T: Topology, S: Step<T::State>, W, F> {
    pub(super) state: Lent<T::State>,
    pub(super) queue: Queue<S>,
    pub(super) edges: Arc<T::Edges>,
    pub(super) work: W,
    pub(super) onward: F,
}

impl<T, S, W, F> Shared<T, S, W, F>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send,
    F: Onward<T::Edges, W::Output>,
{
    /// A replica begins, perhaps once more.
    pub(super) fn begin(&self, replica: usize) -> (&'static StepSpec, Queue<S>, Replica) {
        let number = self.queue.number();
        let spec = &T::specs().steps[number];
        let post = self.queue.core().registry.begin(number, replica);
        let queue = self.queue.of_replica(replica);
        let writer = Writer::of(spec.replicas);
        (spec, queue, Replica::new(writer, replica, post))
    }

    /// Hands an output on.
    pub(super) fn hand_on(&self, output: W::Output, branch: Branch) -> Delivery {
        self.hand_on_here(output, branch)
    }

    /// The same, where it stands.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn hand_on_here(&self, output: W::Output, branch: Branch) -> Delivery {
        let (mut next, handed) = (F::Next::default(), Handed::by(&branch));
        match self.onward.put(&mut next, output, (branch, handed)) {
            Ok(false) => Delivery::DONE,
            Ok(true) => self.tell(),
            Err((output, branch)) => self.hand_on_with_care(output, branch),
        }
    }

    /// The user's patterns, guards and expressions run here, and fail the message if
    /// they panic.
    #[inline(never)]
    pub(super) fn hand_on_with_care(&self, output: W::Output, branch: Branch) -> Delivery {
        let mut handed_on = Ok(Delivery::DONE);
        match catch(|| handed_on = self.onward.hand_on(&self.edges, output, branch)) {
            Ok(()) => match handed_on {
                Ok(delivery) => delivery,
                Err(overfull) => self.work.refuse(*overfull),
            },
            Err(caught) => unwound(self.queue.core(), self.work.last(), caught),
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
        if let (Some(output), Some(branch)) = (output, arrival.branch) {
            self.hand_on(output, branch).complete().await;
        }
    }

    #[inline]
    pub(super) fn tell_if(&self, tells: bool) -> Delivery {
        if tells { self.tell() } else { Delivery::DONE }
    }

    /// Tells the others what the turn has. What is too late for its queue is dropped,
    /// and may panic then.
    #[inline(never)]
    pub(super) fn tell(&self) -> Delivery {
        match catch(turn::tell) {
            Ok(()) => Delivery::DONE,
            Err(caught) => unwound(self.queue.core(), self.work.last(), caught),
        }
    }
}

/// A panic behind a step: the messages that were dropped by it fail.
#[cold]
fn unwound(core: &Core, step: usize, (text, scopes): (String, Vec<Arc<Scope>>)) -> Delivery {
    let failure = Failure::new(FailureKind::Panic(text), core.name, core.step_name(step), 1);
    let failed = scopes
        .into_iter()
        .map(|scope| scope.unwind(failure.clone()));
    failed.fold(Delivery::DONE, Delivery::and)
}

/// One replica, until it is stopped.
pub(super) fn serve<T, S, W, F>(
    shared: &Arc<Shared<T, S, W, F>>,
    replica: usize,
    orders: Option<&Orders>,
    nested: &Mutex<W::Own>,
) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send + 'static,
    F: Onward<T::Edges, W::Output>,
{
    let mut nested = nested.lock().unwrap_or_else(PoisonError::into_inner);
    let own = shared.work.another(&mut nested);
    drop(nested);
    let shared = Arc::clone(shared);
    if W::OVERLAPS {
        return Box::pin(overlap(shared, own));
    }
    let (core, number) = (Arc::clone(shared.queue.core()), shared.queue.number());
    if W::BEGINS
        && let Some(orders) = orders
    {
        let attended = attend(shared, replica, own, orders.clone());
        return Box::pin(turn::in_turns(core, number, attended));
    }
    Box::pin(turn::in_turns(core, number, take(shared, replica, own)))
}

/// Takes whatever comes, one message after the other.
async fn take<T, S, W, F>(shared: Arc<Shared<T, S, W, F>>, replica: usize, mut own: W::Own)
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send + 'static,
    F: Onward<T::Edges, W::Output>,
{
    let (spec, queue, replica) = shared.begin(replica);
    let replica = Arc::new(replica);
    // What a task has taken and not started on expires late if it takes long, on
    // a thread of its own.
    let is_here = spec.boundary.is_none() || W::GOES_AHEAD;
    let mut inbox = Inbox::new(queue, spec.replicas == 1 && is_here);
    let make = || W::straight(&shared.state).map(|way| Box::new(Here::new(&shared, &replica, way)));
    let goes_straight = inbox.is_plain() && shared.work.goes_straight();
    let mut here = if goes_straight { make() } else { None };
    if here.is_some() && spec.boundary.is_none() {
        inbox.lends();
    }
    let (mut now, mut turn, whole_turn) = (None, 0, spec.turn());
    let mut lasting = Lasting::of(whole_turn == TURN);
    let (mut message, mut arrival, mut output) = (None, Arrival::none(), None);
    'messages: loop {
        shared.work.prepare(&shared.state, &mut own, &[]);
        // A thread that was given up is still at work: its replica is not
        // free before it has finished.
        if W::IS_BLOCKING {
            let _ = inbox.or_rest(replica.thread.acquire()).await;
        }
        let mut is_alone = true;
        if W::GOES_AHEAD {
            let mut hand_on = |output, branch| shared.hand_on(output, branch);
            let ahead = shared
                .work
                .process_ahead(&replica, &mut inbox, &mut own, &mut hand_on);
            is_alone = ahead.await;
            now = None;
        }
        if let Some(here) = &mut here
            && here.is_for(inbox.held())
        {
            let went = here.go_straight(&mut inbox, now, whole_turn - turn);
            let (passed, at) = went.await;
            (turn, now) = (turn + passed, at);
            if turn == whole_turn {
                turn = 0;
                if !lasting.goes_on(at) {
                    inbox.or_rest_until(tokio::task::yield_now()).await;
                }
            }
        }
        while !inbox.bring(now, &mut message, &mut arrival) {
            let have_others_run = match here.take() {
                None => inbox.filled().await,
                Some(own) => {
                    // What others hand on from there goes behind that.
                    inbox.or_rest_until(shared.tell().complete()).await;
                    let (have_others_run, own) = inbox.filled_around(own).await;
                    here = own.or_else(&make);
                    have_others_run
                }
            };
            if have_others_run {
                turn = 0;
                lasting.is_over();
            }
            now = None;
            if here.is_some() || !is_alone {
                continue 'messages;
            }
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
        if let (Some(output), Some(branch)) = (output.take(), arrival.branch.take()) {
            let delivery = shared.hand_on(output, branch);
            if !delivery.is_done() {
                inbox.or_rest_until(delivery.complete()).await;
                now = None;
            }
        }
        // Nothing above pends while there is work, so it is said here when
        // it is others' turn.
        turn += 1;
        if turn == whole_turn {
            turn = 0;
            inbox.or_rest_until(tokio::task::yield_now()).await;
        }
    }
}
