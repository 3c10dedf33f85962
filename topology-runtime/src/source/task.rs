//! The task of a source: it makes room, then asks the stream for an item, and
//! accepts that at once.

use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::time::{Instant, sleep};

use super::{Item, Source};
use crate::edge::{Lane, Place};
use crate::fate::{Accounts, Branch, Delivery, Journey, Reply, catch, panic_text};
use crate::message::{Message, SpanId};
use crate::state::Lent;
use crate::step::{Failure, FailureKind, HandedOn, Overfull};
use crate::supervisor::Core;
use crate::telemetry::{Links, spans};
use crate::topology::Topology;

/// The pause before a stream that panicked is made anew: doubled each time that
/// it brings nothing, and never longer than the second.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// What each start of the task has.
pub(super) struct Shared<T: Topology, S, H> {
    pub(super) core: Arc<Core>,
    pub(super) state: Lent<T::State>,
    pub(super) number: usize,
    pub(super) edges: Arc<T::Edges>,
    /// The first edges that block.
    pub(super) entrances: Vec<Arc<Lane>>,
    pub(super) aborts: bool,
    pub(super) hand_on: H,
    pub(super) source: PhantomData<fn() -> S>,
}

/// Why no more comes of a stream.
enum End {
    /// It has ended, or nothing is accepted any more.
    Over,
    Panicked(String),
}

/// What one look at the stream came to.
enum Look {
    /// An item, on its way.
    Item(Delivery),
    /// There was no room to accept an item, so the stream was not asked.
    NoRoom,
    End(End),
}

/// Until the stream has ended or the topology takes nothing more.
pub(super) fn run<T, S, H>(shared: Arc<Shared<T, S, H>>) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    T: Topology,
    S: Source<T::State>,
    H: Fn(&T::Edges, S::Output, Branch) -> HandedOn + Send + Sync + 'static,
{
    Box::pin(async move {
        let (first, longest) = PAUSES;
        let mut pause = first;
        while let End::Panicked(text) = shared.flow(&mut pause).await {
            if shared.panicked(&text, pause) || shared.closes_before(sleep(pause)).await {
                break;
            }
            pause = pause.saturating_mul(2).min(longest);
        }
        shared.core.sources.end();
    })
}

impl<T, S, H> Shared<T, S, H>
where
    T: Topology,
    S: Source<T::State>,
    H: Fn(&T::Edges, S::Output, Branch) -> HandedOn + Send + Sync + 'static,
{
    /// Makes a stream and accepts all that it brings.
    async fn flow(&self, pause: &mut Duration) -> End {
        let opened = catch_unwind(AssertUnwindSafe(|| Box::pin(S::open(&self.state))));
        let mut stream = match opened {
            Ok(stream) => stream,
            Err(panic) => return End::Panicked(panic_text(&*panic)),
        };
        let end = loop {
            if self.closes_before(self.room()).await {
                break End::Over;
            }
            let mut closing = pin!(self.core.accounts.closing());
            let look = poll_fn(|context| match closing.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Look::End(End::Over)),
                Poll::Pending => self.look(stream.as_mut(), context),
            });
            match look.await {
                Look::Item(delivery) => {
                    *pause = PAUSES.0;
                    delivery.complete().await;
                }
                Look::NoRoom => {}
                Look::End(end) => break end,
            }
            // A stream that always has an item lets others have their turn.
            tokio::task::coop::consume_budget().await;
        };
        // What it panics with while it is dropped says nothing of its items.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(stream)));
        end
    }

    /// Asks the stream for an item. What it brings is accepted before anything
    /// else can happen: a drain that begins meanwhile waits for it.
    fn look(
        &self,
        stream: Pin<&mut impl Stream<Item = S::Brought>>,
        context: &mut Context<'_>,
    ) -> Poll<Look> {
        let Some(places) = self.places() else {
            return Poll::Ready(Look::NoRoom);
        };
        let Some(admitting) = Admitting::begin(&self.core.accounts) else {
            return Poll::Ready(Look::End(End::Over));
        };
        let asked = Instant::now();
        let polled = catch_unwind(AssertUnwindSafe(|| {
            stream.poll_next(context).map(|item| item.map(S::begin))
        }));
        Poll::Ready(match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(None)) => Look::End(End::Over),
            Ok(Poll::Ready(Some(item))) => {
                admitting.accept();
                self.core.steps[self.number].worked(asked.elapsed());
                Look::Item(self.accept(item, places))
            }
            Err(panic) => Look::End(End::Panicked(panic_text(&*panic))),
        })
    }

    /// The item is a message like any other from here on.
    fn accept(&self, item: Item<S::Output>, reserved: Vec<Place>) -> Delivery {
        let Item { message, notice } = item;
        let Message {
            payload,
            origin,
            within,
        } = message;
        let core = &self.core;
        let offered = Instant::now();
        let within = [T::DEADLINE, within].into_iter().flatten().min();
        let deadline = within.and_then(|within| offered.checked_add(within));
        let context = origin.begun();
        let span = spans::message(core.name, &origin, &context);
        let reply: Option<Reply> =
            notice.map(|notice| Box::new(move |settled| notice.tell(&settled)) as Reply);
        let journey = Journey::new(
            Arc::clone(core),
            context,
            span,
            offered,
            deadline,
            reply,
            reserved,
        );
        let branch = Branch::root(Arc::new(journey));
        let span_id = SpanId::random();
        let span = spans::step(&branch, self.name(), span_id, None, &Links::NONE);
        core.steps[self.number].succeeded();
        spans::step_done(&span, 1);
        self.hand_on(payload, branch.behind(span, span_id))
    }

    /// The user's patterns, guards and clones run here, and fail the message if
    /// they panic.
    fn hand_on(&self, payload: S::Output, branch: Branch) -> Delivery {
        let failure = |kind| Failure::new(kind, self.core.name, self.name(), 1);
        match catch(|| (self.hand_on)(&self.edges, payload, branch)) {
            Ok(Ok(delivery)) => delivery,
            Ok(Err(Overfull { kind, branch })) => {
                self.core.steps[self.number].failed(&kind);
                branch.fail(failure(kind))
            }
            Err((text, unwound)) => {
                let failure = failure(FailureKind::Panic(text));
                let failed = unwound.iter().map(|scope| scope.unwind(failure.clone()));
                failed.fold(Delivery::DONE, Delivery::and)
            }
        }
    }

    /// A place on each first edge. Nobody else takes any there, so once there
    /// was room there is.
    fn places(&self) -> Option<Vec<Place>> {
        self.entrances.iter().map(Lane::try_place).collect()
    }

    /// Waits until each first edge has room.
    async fn room(&self) {
        for lane in &self.entrances {
            if lane.try_place().is_none() {
                lane.meter.blocked();
                drop(lane.place().await);
            }
        }
    }

    /// Reports the panic; `true` if that was the end.
    fn panicked(&self, text: &str, pause: Duration) -> bool {
        let core = &self.core;
        let kind = FailureKind::Panic(text.to_owned());
        core.steps[self.number].failed(&kind);
        if self.aborts {
            core.abort(Failure::new(kind, core.name, self.name(), 1));
        } else {
            spans::source_panicked(core.name, self.name(), text, pause);
        }
        self.aborts
    }

    /// Whether nothing is accepted any more before `work` is done.
    async fn closes_before(&self, work: impl Future<Output = ()>) -> bool {
        let mut closing = pin!(self.core.accounts.closing());
        let mut work = pin!(work);
        poll_fn(|context| {
            if closing.as_mut().poll(context).is_ready() {
                return Poll::Ready(true);
            }
            work.as_mut().poll(context).map(|()| false)
        })
        .await
    }

    fn name(&self) -> &'static str {
        self.core.step_name(self.number)
    }
}

/// An admission that is under way: a drain waits for it.
struct Admitting<'a>(&'a Accounts);

impl<'a> Admitting<'a> {
    /// `None` if nothing is accepted any more.
    fn begin(accounts: &'a Accounts) -> Option<Self> {
        accounts.begin().then_some(Self(accounts))
    }

    /// The message takes its place.
    fn accept(self) {
        self.0.accept();
        std::mem::forget(self);
    }
}

impl Drop for Admitting<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
