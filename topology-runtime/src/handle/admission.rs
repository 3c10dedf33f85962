//! How a message becomes an accepted one.

use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Handle, Refusal, Refused};
use crate::edge::{Lane, Place, Reserved};
use crate::fate::{Accounts, Branch, Reply, Scope};
use crate::message::Message;
use crate::supervisor::Core;
use crate::telemetry::Tick;
use crate::topology::Topology;

/// A message that is offered.
pub(super) struct Offer<M> {
    message: Message<M>,
    reply: Option<Reply>,
    /// Whether somebody may cancel it.
    is_watched: bool,
}

/// What came of an offer: if somebody may cancel the message, a way to it.
pub(super) type Admitted<M> = Result<Option<Weak<Scope>>, Refused<M>>;

impl<M> Offer<M> {
    pub(super) fn new(message: Message<M>) -> Self {
        Self {
            message,
            reply: None,
            is_watched: false,
        }
    }

    /// How much time the message has by itself.
    pub(super) fn within(&self) -> Option<Duration> {
        self.message.within
    }

    /// Somebody waits for the outcome.
    pub(super) fn answered_to(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }

    /// Whoever offers the message gets a way to cancel it.
    pub(super) fn watched(mut self, is_watched: bool) -> Self {
        self.is_watched = is_watched;
        self
    }
}

/// The way into a topology.
pub(super) struct Admission<'a, T: Topology>(&'a Handle<T>);

impl<T: Topology> Clone for Admission<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Topology> Copy for Admission<'_, T> {}

/// When a message was offered, and until when there is use for it.
type Times = (Tick, Option<Instant>);

/// A place on every first edge, for a message that was offered then.
pub(super) struct Entry<'a> {
    times: Times,
    reserved: Reserved<'a>,
    /// Whether it was there at once: what has waited goes on as others wait.
    is_at_once: bool,
}

/// Whether there is room.
pub(super) enum Room<'a> {
    Here(Entry<'a>),
    /// Not yet.
    Later(Times),
}

impl<'a, T: Topology> Admission<'a, T> {
    pub(super) fn new(handle: &'a Handle<T>) -> Self {
        Self(handle)
    }

    /// Waits for a place on every first edge, for a message that has so much time.
    #[inline]
    pub(super) async fn entry(self, within: Option<Duration>) -> Result<Entry<'a>, Refusal> {
        match self.room(within)? {
            Room::Here(entry) => Ok(entry),
            Room::Later(times) => self.later(times).await,
        }
    }

    /// Looks for one.
    #[inline]
    pub(super) fn room(self, within: Option<Duration>) -> Result<Room<'a>, Refusal> {
        let core = &self.0.0.core;
        let offered = core.clock.now();
        let within = [T::DEADLINE, within].into_iter().flatten().min();
        // The system is only asked for the time of those that have an end.
        let deadline = within.and_then(|within| Instant::now().checked_add(within));
        if core.accounts.is_closed() {
            return Err(self.closed());
        }
        if within.is_some_and(|within| within.is_zero()) {
            return Err(Refusal::Deadline);
        }
        let times = (offered, deadline);
        let mut reserved = Reserved::none(&self.0.0.entrances);
        for (number, lane) in self.0.0.entrances.blocking() {
            if !lane.try_take() {
                return Ok(Room::Later(times));
            }
            reserved.add(number);
        }
        Ok(Room::Here(Entry {
            times,
            reserved,
            is_at_once: true,
        }))
    }

    /// Waits for a place on every one of them.
    pub(super) async fn later(self, times: Times) -> Result<Entry<'a>, Refusal> {
        let entrances = &self.0.0.entrances;
        let mut reserved = Reserved::none(entrances);
        for (number, lane) in entrances.blocking() {
            if !lane.try_take() {
                let place = self.wait_for_room(lane, times).await?;
                place.hand_over();
            }
            reserved.add(number);
        }
        Ok(Entry {
            times,
            reserved,
            is_at_once: false,
        })
    }

    async fn wait_for_room(
        self,
        lane: &Arc<Lane>,
        (offered, deadline): Times,
    ) -> Result<Place, Refusal> {
        let core: &Core = &self.0.0.core;
        let _blocked = lane.meter.blocked(&core.clock);
        let offered = core.clock.instant(offered).unwrap_or_else(Instant::now);
        let timeout = offered + lane.spec.timeout;
        let until = deadline.map_or(timeout, |deadline| deadline.min(timeout));
        let place = async {
            let mut place = std::pin::pin!(lane.place());
            let mut closing = std::pin::pin!(core.accounts.closing());
            std::future::poll_fn(|context| {
                if let Poll::Ready(place) = place.as_mut().poll(context) {
                    return Poll::Ready(Some(place));
                }
                closing.as_mut().poll(context).map(|()| None)
            })
            .await
        };
        match timeout_at(until, place).await {
            Ok(Some(place)) => Ok(place),
            Ok(None) => Err(self.closed()),
            Err(_) if deadline.is_some_and(|deadline| deadline < timeout) => Err(Refusal::Deadline),
            Err(_) => Err(Refusal::Full),
        }
    }

    /// Puts the message on all of them at once, if there is a place for it and it is
    /// accepted.
    #[inline]
    pub(super) fn enter(
        self,
        offer: Offer<T::Input>,
        entry: Result<Entry<'a>, Refusal>,
    ) -> Admitted<T::Input> {
        let running = &self.0.0;
        let Entry {
            times,
            reserved,
            is_at_once,
        } = match entry {
            Ok(entry) => entry,
            Err(reason) => return Err(refused(offer, reason)),
        };
        let Some(admitting) = Admitting::begin(&running.core.accounts) else {
            return Err(refused(offer, self.closed()));
        };
        let Offer {
            message,
            reply,
            is_watched,
        } = offer;
        let Message {
            payload, origin, ..
        } = message;
        let is_called = reply.is_some();
        let enter = || {
            let branch = Branch::root(&running.core, times, |journey| {
                journey.comes_from(&origin, &payload);
                if let Some(reply) = reply {
                    journey.is_told_to(reply);
                }
                admitting.accepts();
            });
            let watched = is_watched.then(|| Arc::downgrade(branch.scope()));
            let delivery = reserved.enter(|| T::enter(&running.edges, payload, branch));
            debug_assert!(
                delivery.is_done(),
                "all places were reserved, and what is shed does not wait"
            );
            watched
        };
        Ok(if is_at_once && running.may_be_visited() {
            // It was offered just now.
            let now = (&running.core, times.0);
            running.visits.visit(now, is_called, enter)
        } else {
            enter()
        })
    }

    fn closed(self) -> Refusal {
        match self.0.0.core.aborted() {
            Some(failure) => Refusal::Aborted(failure.clone()),
            None => Refusal::Closed,
        }
    }
}

/// An admission that has begun: unless it accepts the message, it comes to nothing.
struct Admitting<'a>(&'a Accounts);

impl<'a> Admitting<'a> {
    /// `None` if nothing is admitted any more.
    fn begin(accounts: &'a Accounts) -> Option<Self> {
        accounts.begin().then_some(accounts).map(Self)
    }

    fn accepts(self) {
        self.0.accept();
        std::mem::forget(self);
    }
}

impl Drop for Admitting<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

#[cold]
fn refused<M>(offer: Offer<M>, reason: Refusal) -> Refused<M> {
    Refused {
        message: Box::new(offer.message),
        reason,
    }
}
