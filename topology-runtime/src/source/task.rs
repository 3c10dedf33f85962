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
use crate::edge::{Entrances, Places, Reserved};
use crate::fate::{Accounts, Branch, Delivery, Reply, catch, panic_text};
use crate::message::Message;
use crate::state::Lent;
use crate::step::{Failure, FailureKind, HandedOn, Overfull, TURN};
use crate::supervisor::Core;
use crate::supervisor::turn::{self, Lasting};
use crate::telemetry::{Links, Tick, Writer, spans};
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
    pub(super) entrances: Entrances,
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
    /// Many items are on their way: it is others' turn.
    Turn,
    /// Behind a pointer, for the sake of all that are none.
    End(Box<End>),
}

/// Until the stream has ended or the topology takes nothing more.
pub(super) fn run<T, S, H>(shared: Arc<Shared<T, S, H>>) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    T: Topology,
    S: Source<T::State>,
    H: Fn(&T::Edges, S::Output, Branch) -> HandedOn + Send + Sync + 'static,
{
    let core = Arc::clone(&shared.core);
    let number = shared.number;
    Box::pin(turn::in_turns(core, number, async move {
        let (first, longest) = PAUSES;
        let mut pause = first;
        loop {
            shared.core.registry.begin(shared.number, 0);
            let End::Panicked(text) = shared.flow(&mut pause).await else {
                break;
            };
            if shared.panicked(&text, pause) || shared.closes_before(sleep(pause)).await {
                break;
            }
            pause = pause.saturating_mul(2).min(longest);
        }
        shared.core.sources.end();
    }))
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
        let mut places = self.entrances.places();
        let is_apart = self.core.is_apart(self.number);
        let end = loop {
            match self.next(stream.as_mut(), pause, &mut places).await {
                Look::Item(delivery) => {
                    *pause = PAUSES.0;
                    delivery.complete().await;
                    // It may take long until the stream has the next one.
                    if is_apart {
                        tokio::task::yield_now().await;
                    }
                }
                Look::NoRoom => {
                    if self.closes_before(self.room()).await {
                        break End::Over;
                    }
                }
                Look::End(end) => break *end,
                // A stream that always has an item lets others have theirs.
                Look::Turn => tokio::task::yield_now().await,
            }
        };
        // What it panics with while it is dropped says nothing of its items.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(stream)));
        end
    }

    /// Waits for what the stream brings, unless nothing is accepted any more.
    /// Items that need not be waited for are on their way by then.
    async fn next(
        &self,
        mut stream: Pin<&mut impl Stream<Item = S::Brought>>,
        pause: &mut Duration,
        places: &mut Places,
    ) -> Look {
        let turn = T::specs().steps[self.number].turn();
        let looks = poll_fn(|context| {
            let mut last = Poll::Ready(Look::Turn);
            let mut asking = Asking::begin(&self.core);
            let (mut asked, mut lasting) = (0, Lasting::of(turn == TURN));
            while asked < turn {
                asked += 1;
                match self.look(stream.as_mut(), context, places, &mut asking) {
                    Poll::Ready(Look::Item(delivery)) if delivery.is_done() => {
                        *pause = PAUSES.0;
                        if asked == turn && lasting.goes_on(asking.since) {
                            asked = 0;
                        }
                    }
                    look => {
                        last = look;
                        break;
                    }
                }
            }
            self.entrances.give_back(places);
            Poll::Ready(last)
        });
        if let Poll::Ready(look) = looks.await {
            return look;
        }
        let mut closing = pin!(self.core.accounts.closing());
        // A stream that has just yielded is not asked again before it is its turn.
        let mut has_just_yielded = true;
        poll_fn(|context| {
            if closing.as_mut().poll(context).is_ready() {
                return Poll::Ready(Look::End(Box::new(End::Over)));
            }
            if std::mem::take(&mut has_just_yielded) {
                return Poll::Pending;
            }
            let mut asking = Asking::begin(&self.core);
            let look = self.look(stream.as_mut(), context, places, &mut asking);
            self.entrances.give_back(places);
            look
        })
        .await
    }

    /// Asks the stream for an item. What it brings is accepted before anything
    /// else can happen: a drain that begins meanwhile waits for it.
    fn look(
        &self,
        stream: Pin<&mut impl Stream<Item = S::Brought>>,
        context: &mut Context<'_>,
        places: &mut Places,
        asking: &mut Asking<'_>,
    ) -> Poll<Look> {
        let Some(reserved) = self.entrances.reserve(places) else {
            return Poll::Ready(Look::NoRoom);
        };
        if !asking.may_accept {
            return Poll::Ready(Look::End(Box::new(End::Over)));
        }
        let clock = &self.core.clock;
        let began = asking.since.unwrap_or_else(|| clock.now());
        // What an item is made of stays where it stands: moving it costs more than most
        // of what is done here.
        let looked = catch_unwind(AssertUnwindSafe(|| match stream.poll_next(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(Look::End(Box::new(End::Over))),
            Poll::Ready(Some(brought)) => {
                let at = clock.now();
                asking.since = Some(at);
                self.core.steps[self.number].worked(Writer::Alone, at.since(began));
                let delivery = self.accept(S::begin(brought), at, asking, reserved);
                Poll::Ready(Look::Item(delivery))
            }
        }));
        looked.unwrap_or_else(|panic| {
            let text = panic_text(&*panic);
            Poll::Ready(Look::End(Box::new(End::Panicked(text))))
        })
    }

    /// The item is a message like any other from here on.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn accept(
        &self,
        item: Item<S::Output>,
        at: Tick,
        asking: &mut Asking<'_>,
        reserved: Reserved<'_>,
    ) -> Delivery {
        let Item { message, notice } = item;
        let Message {
            payload,
            origin,
            within,
        } = message;
        let core = &self.core;
        let within = [T::DEADLINE, within].into_iter().flatten().min();
        let deadline = within.and_then(|within| Instant::now().checked_add(within));
        let branch = Branch::root(core, (at, deadline), |journey| {
            journey.comes_from(&origin, &payload);
            if let Some(notice) = notice {
                let tell = move |settled| notice.tell(&settled);
                journey.is_told_to(Reply::Told(Box::new(tell)));
            }
            asking.accepts();
        });
        core.steps[self.number].succeeded(Writer::Alone);
        let branch = if branch.journey().context.is_sampled() {
            self.spanned(branch)
        } else {
            branch
        };
        reserved.enter(|| self.hand_on(payload, branch))
    }

    /// The branch behind the source, where somebody may look at its spans.
    #[cold]
    fn spanned(&self, mut branch: Branch) -> Branch {
        let (span_id, at) = (branch.next_span_id(), branch.at);
        let span = spans::step(&branch, self.name(), span_id, None, &Links::NONE);
        spans::step_done(&span, 1);
        branch.go_behind(span, span_id, at);
        branch
    }

    /// The user's patterns, guards and clones run here, and fail the message if
    /// they panic.
    fn hand_on(&self, payload: S::Output, branch: Branch) -> Delivery {
        let mut handed_on = Ok(Delivery::DONE);
        match catch(|| handed_on = (self.hand_on)(&self.edges, payload, branch)) {
            Ok(()) => match handed_on {
                Ok(delivery) => delivery,
                Err(overfull) => {
                    let Overfull { kind, branch } = *overfull;
                    self.core.steps[self.number].failed(&kind);
                    branch.fail(self.failed(kind))
                }
            },
            Err((text, unwound)) => {
                let failure = self.failed(FailureKind::Panic(text));
                let failed = unwound
                    .into_iter()
                    .map(|scope| scope.unwind(failure.clone()));
                failed.fold(Delivery::DONE, Delivery::and)
            }
        }
    }

    /// The source has failed.
    #[cold]
    fn failed(&self, kind: FailureKind) -> Failure {
        let failure = Failure::new(kind, self.core.name, self.name(), 1);
        self.core.registry.failed(self.number, 0, &failure);
        failure
    }

    /// Waits until each first edge has room.
    async fn room(&self) {
        for (_, lane) in self.entrances.blocking() {
            if lane.try_place().is_none() {
                let _blocked = lane.meter.blocked(&self.core.clock);
                drop(lane.place().await);
            }
        }
    }

    /// Reports the panic; `true` if that was the end.
    fn panicked(&self, text: &str, pause: Duration) -> bool {
        let core = &self.core;
        let kind = FailureKind::Panic(text.to_owned());
        core.steps[self.number].failed(&kind);
        let failure = self.failed(kind);
        if self.aborts {
            core.abort(failure);
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

/// Asks for one item after the other. An admission is under way: a drain waits for it.
struct Asking<'a> {
    accounts: &'a Accounts,
    /// Otherwise nothing is accepted any more.
    may_accept: bool,
    /// Since when, where that is known: since there was the item before.
    since: Option<Tick>,
}

impl<'a> Asking<'a> {
    fn begin(core: &'a Core) -> Self {
        let accounts = &core.accounts;
        let may_accept = match turn::current().get() {
            Some(turn) => turn.entries.begin(accounts),
            None => accounts.begin(),
        };
        Self {
            accounts,
            may_accept,
            since: None,
        }
    }

    /// A message takes its place, and the next admission begins.
    fn accepts(&mut self) {
        self.may_accept = match turn::current().get() {
            Some(turn) => {
                turn.entries.accept();
                turn.entries.begin(self.accounts)
            }
            None => {
                self.accounts.accept();
                self.accounts.begin()
            }
        };
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if self.may_accept {
            match turn::current().get() {
                Some(turn) => turn.entries.leave(),
                None => self.accounts.leave(),
            }
        }
    }
}
