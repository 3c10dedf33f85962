//! What a user holds of a running topology.

mod admission;
mod answers;
mod call;
mod child;
mod error;
mod scale;
mod stream;
#[cfg(feature = "dashboard")]
mod watched;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::coop::consume_budget;
use tokio::time::Instant;
use tracing::Span;

use self::admission::{Admission, Offer};
pub use self::answers::Answers;
pub use self::call::{Call, CallFuture};
pub use self::error::{CallError, Refusal, Refused};
pub use self::scale::ScaleError;
pub use self::stream::{Outcome, Outcomes};
#[cfg(feature = "dashboard")]
pub(crate) use self::watched::Watched;
use crate::edge::{AnyQueue, Entrances, Lane};
use crate::message::Message;
use crate::source::NoInput;
use crate::state::Lent;
use crate::step::{Failure, StepSpec};
use crate::supervisor::turn::{self, Visits};
use crate::supervisor::{Core, DrainReport, Finishing, Stopped, finished};
use crate::telemetry::{
    BoundarySnapshot, EdgeSnapshot, Latency, Sampling, Snapshot, StepSnapshot, TaskSnapshot,
    does_somebody_listen,
};
use crate::topology::Topology;
use crate::wiring::Wiring;

/// A running topology. Clones are handles of the same one.
///
/// When the last handle is dropped, the topology takes no messages any more,
/// and drains without a limit in the background.
///
/// Its time is tokio's. A test that pauses that (`tokio::time::pause`) does so
/// before it starts the topology, which finds out then how to tell the time.
pub struct Handle<T: Topology>(Arc<Running<T>>);

struct Running<T: Topology> {
    core: Arc<Core>,
    edges: Arc<T::Edges>,
    lanes: Vec<Arc<Lane>>,
    entrances: Entrances,
    queues: Arc<[Box<dyn AnyQueue>]>,
    stopped: Stopped,
    finishing: Arc<Finishing>,
    runtime: tokio::runtime::Handle,
    visits: Visits,
}

impl<T: Topology> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Topology> std::fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle")
            .field("topology", &T::NAME)
            .finish_non_exhaustive()
    }
}

impl<T: Topology> Handle<T> {
    #[doc(hidden)]
    #[must_use]
    pub fn start(state: T::State) -> Self {
        Self::run(Lent::new(state))
    }

    pub(crate) fn run(state: Lent<T::State>) -> Self {
        #[cfg(feature = "process")]
        crate::boundary::refuse_to_start();
        let runtime = tokio::runtime::Handle::current();
        let core = Arc::new(Core::new::<T>());
        let mut wiring = Wiring::<T>::new(Arc::clone(&core), state);
        let edges = T::wire(&mut wiring);
        let entrances = Entrances::new(T::entrances(&edges));
        let (lanes, supervisor, finishing) = wiring.wired();
        Self(Arc::new(Running {
            core,
            edges,
            lanes,
            entrances,
            queues: supervisor.queues(),
            stopped: supervisor.start(),
            finishing: Arc::new(finishing),
            runtime,
            visits: Visits::default(),
        }))
    }

    /// Offers a message and waits for its outcome.
    ///
    /// The answer is an [`Option`] where the signature says `Out?`, and nothing
    /// where it says `!`.
    ///
    /// Steps that wait for messages and take next to no time work on the message
    /// before this returns for the first time, on the caller's thread, as far as they
    /// need not wait for anything: so it waits in no queue, and wakes nobody. Hold no
    /// lock of the standard library meanwhile that a step takes, too.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] if the message was not accepted, with the
    /// message; [`CallError::Failed`] if it failed; [`CallError::Abandoned`] if
    /// the topology was aborted, or drained without time for it.
    ///
    /// # Cancellation
    ///
    /// Dropping the future before the message is accepted withdraws it;
    /// afterwards the message goes on without its caller, unless the call says
    /// [`cancel_on_drop`](Call::cancel_on_drop).
    pub fn call(&self, message: Message<T::Input>) -> Call<'_, T> {
        Call::new(self, message)
    }

    /// Offers a message and waits until it is accepted: until there is room on
    /// all first edges. Steps may work on it by then, as of a [`call`](Self::call).
    /// Where there always is room, other tasks have their turn as often as
    /// [tokio's budget](tokio::task::coop) says.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the message, if there was no room within the first
    /// edge's timeout or the message's own time, or if the topology takes none
    /// any more.
    ///
    /// # Cancellation
    ///
    /// Dropping the future withdraws the message.
    pub async fn send(&self, message: Message<T::Input>) -> Result<(), Refused<T::Input>> {
        // Where the steps keep up there is always room, and others want their turn.
        consume_budget().await;
        let (admission, offer) = (Admission::new(self), Offer::new(message));
        let entry = admission.entry(offer.within()).await;
        admission.enter(offer, entry)?;
        Ok(())
    }

    /// Sends a stream of messages through, and returns the outcomes as they
    /// come, each with the position of its input.
    ///
    /// Backpressure goes both ways: input is taken only as fast as it is
    /// accepted, and only while outcomes are taken. The stream ends when the
    /// input has ended and every outcome was taken.
    ///
    /// # Cancellation
    ///
    /// Dropping the stream leaves accepted messages on their way.
    pub fn stream<S>(&self, messages: S) -> Outcomes<T, S>
    where
        S: futures_core::Stream<Item = Message<T::Input>>,
    {
        Outcomes::new(self.clone(), messages)
    }

    /// The answers of a topology with sources, for the first who asks; `None`
    /// for everybody else, and where nothing leads to `out`.
    ///
    /// Until somebody asks, as many answers wait as there is room for on the
    /// edges to `out`, and any more are let go. From then on an answer waits for
    /// room, and its message fails if none is made within the edge's timeout.
    pub fn answers(&self) -> Option<Answers<T>>
    where
        T: Topology<Input = NoInput>,
    {
        Answers::of(self)
    }

    /// Waits until every source has ended and nothing of any message is left,
    /// or until the topology has stopped.
    ///
    /// # Cancellation
    ///
    /// Cancellation safe: dropping the future changes nothing.
    pub async fn finished(&self)
    where
        T: Topology<Input = NoInput>,
    {
        finished(&self.0.core, &self.0.stopped).await;
    }

    /// Says which of the messages that begin a trace are sampled, from now on:
    /// those that are accepted already keep what was decided. Unless something
    /// is said, all are.
    ///
    /// Messages that begin inside, such as what a tick returns, are sampled by
    /// their trace ids only. A topology inside this one takes the decision with
    /// the message; what its own steps begin is always sampled.
    pub fn sample(&self, sampling: Sampling<T::Input>) {
        self.0.core.sampler.set(sampling);
    }

    /// The same where sources bring the messages, of which those with another
    /// payload are sampled by their trace ids only.
    pub fn sample_brought<P: 'static>(&self, sampling: Sampling<P>)
    where
        T: Topology<Input = NoInput>,
    {
        self.0.core.sampler.set(sampling);
    }

    /// The numbers of the topology at this moment: fates, and for each step and
    /// edge how much, how fast, and how full.
    pub fn snapshot(&self) -> Snapshot {
        let core = &self.0.core;
        let totals = core.accounts.totals();
        let uptime = core.clock.elapsed();
        let specs = T::specs();
        let steps = specs.steps.iter().zip(&core.steps);
        let edges = specs.edges.iter().zip(&self.0.lanes);
        Snapshot {
            topology: core.name,
            uptime,
            accepted: totals.accepted,
            completed: totals.completed,
            failed: totals.failed,
            ended: totals.ended,
            abandoned: totals.abandoned,
            late_failures: totals.late_failures,
            live: totals.live,
            latency: Latency::of(&core.accounts.latency),
            steps: steps
                .enumerate()
                .map(|(number, (spec, meter))| {
                    let replicas = self.replicas(number, spec);
                    let boundary = spec.boundary.map(|number| specs.boundaries[number].name);
                    let inside = self.inside(number);
                    StepSnapshot::new((spec, boundary), replicas, meter, uptime, inside)
                })
                .collect(),
            edges: edges
                .map(|(spec, lane)| EdgeSnapshot::new(spec, lane))
                .collect(),
            tasks: TaskSnapshot::all(specs, core),
            boundaries: (0..specs.boundaries.len())
                .map(|number| BoundarySnapshot::new(specs, number, core))
                .collect(),
        }
    }

    /// How many replicas of a step work.
    fn replicas(&self, number: usize, spec: &StepSpec) -> usize {
        if spec.least == spec.replicas {
            return spec.replicas;
        }
        let now = self.queues_of(number).find_map(AnyQueue::replicas);
        now.unwrap_or(spec.replicas)
    }

    /// Where the messages of a step wait: nowhere, if it is called.
    fn queues_of(&self, step: usize) -> impl Iterator<Item = &dyn AnyQueue> {
        let queues = self.0.queues.iter();
        let own = queues.filter(move |queue| queue.step() == step);
        own.map(|queue| &**queue)
    }

    /// The numbers of the topologies that a step is.
    fn inside(&self, step: usize) -> Vec<Snapshot> {
        let children = self.0.finishing.children();
        let own = children.filter(|(number, _)| *number == step);
        own.map(|(_, child)| child.snapshot()).collect()
    }

    /// Why the topology was aborted, if it was.
    pub fn aborted(&self) -> Option<&Failure> {
        self.0.core.aborted()
    }

    /// Stops the sources, which are asked for nothing more, takes no messages any
    /// more, waits until every accepted one has its fate
    /// and every branch its end, finishes the states of the steps, from the
    /// first to the last, and stops. What is left after `within` is abandoned; a
    /// plain `fn` that is under way is waited for, because nothing can interrupt
    /// it.
    ///
    /// Any handle may drain; the others' messages are refused from then on.
    /// Draining again waits for the same end.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the topology closed and running; drain again
    /// to stop it.
    pub async fn drain(&self, within: Duration) -> DrainReport {
        let began = Instant::now();
        let core = &self.0.core;
        core.accounts.close();
        let idle = async {
            let mut idle = std::pin::pin!(self.0.finishing.run(core));
            let mut stopped = std::pin::pin!(self.0.stopped.wait());
            std::future::poll_fn(|context| {
                if idle.as_mut().poll(context).is_ready() {
                    return std::task::Poll::Ready(());
                }
                stopped.as_mut().poll(context)
            })
            .await;
        };
        // A limit beyond the clock's range is no limit.
        match began.checked_add(within) {
            Some(end) => drop(tokio::time::timeout_at(end, idle).await),
            None => idle.await,
        }
        core.stop();
        self.0.stopped.wait().await;
        // What was being admitted when it stopped is abandoned by now, or will
        // be as soon as its thread goes on.
        core.accounts.idle().await;
        let aborted = core.aborted().cloned();
        DrainReport::new(core.name, core.accounts.totals(), aborted, began.elapsed())
    }
}

impl<T: Topology> Running<T> {
    /// Whether whoever calls may work on its message where the topology does: on the same
    /// runtime, where nothing is measured that it would be a part of, and no span of its
    /// own would be around that of the step.
    fn may_be_visited(&self) -> bool {
        if turn::is_there() {
            return false;
        }
        let runtime = tokio::runtime::Handle::try_current();
        let is_here = runtime.is_ok_and(|runtime| runtime.id() == self.runtime.id());
        is_here && (!does_somebody_listen() || Span::current().is_none())
    }
}

impl<T: Topology> Drop for Running<T> {
    fn drop(&mut self) {
        self.core.accounts.close();
        let core = Arc::clone(&self.core);
        let edges = Arc::clone(&self.edges);
        let finishing = Arc::clone(&self.finishing);
        self.runtime.spawn(async move {
            finishing.run(&core).await;
            core.stop();
            drop(edges);
        });
    }
}
