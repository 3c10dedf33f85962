//! How a message becomes an accepted one.

use std::sync::{Arc, Weak};
use std::task::Poll;

use tokio::time::{Instant, timeout_at};

use super::{Handle, Refusal, Refused};
use crate::edge::{Lane, Place, Reserved};
use crate::fate::{Accounts, Branch, Reply, Scope};
use crate::message::Message;
use crate::supervisor::Core;
use crate::telemetry::Tick;
use crate::topology::Topology;

/// The way into a topology.
pub(super) struct Admission<'a, T: Topology> {
    handle: &'a Handle<T>,
    /// Whether somebody may cancel the message.
    is_watched: bool,
}

impl<'a, T: Topology> Admission<'a, T> {
    pub(super) fn new(handle: &'a Handle<T>) -> Self {
        Self {
            handle,
            is_watched: false,
        }
    }

    /// Whoever offers the message gets a way to cancel it.
    pub(super) fn watched(mut self, is_watched: bool) -> Self {
        self.is_watched = is_watched;
        self
    }

    /// Waits for a place on every first edge, then puts the message on all of
    /// them at once.
    pub(super) async fn admit(
        self,
        message: Message<T::Input>,
        reply: Option<Reply>,
    ) -> Result<Option<Weak<Scope>>, Refused<T::Input>> {
        let core = &self.handle.0.core;
        let offered = core.clock.now();
        let within = [T::DEADLINE, message.within].into_iter().flatten().min();
        // The system is only asked for the time of those that have an end.
        let deadline = within.and_then(|within| Instant::now().checked_add(within));
        if core.accounts.is_closed() {
            return Err(refused(message, self.closed()));
        }
        if within.is_some_and(|within| within.is_zero()) {
            return Err(refused(message, Refusal::Deadline));
        }
        let reserved = match self.reserve(offered, deadline).await {
            Ok(reserved) => reserved,
            Err(reason) => return Err(refused(message, reason)),
        };
        let Some(admitting) = Admitting::begin(&core.accounts) else {
            return Err(refused(message, self.closed()));
        };
        Ok(self.accept(message, (offered, deadline), reply, admitting, reserved))
    }

    async fn reserve(
        &self,
        offered: Tick,
        deadline: Option<Instant>,
    ) -> Result<Reserved<'a>, Refusal> {
        let entrances = &self.handle.0.entrances;
        let mut reserved = Reserved::none(entrances);
        for (number, lane) in entrances.blocking() {
            if !lane.try_take() {
                let place = self.wait_for_room(lane, offered, deadline).await?;
                place.hand_over();
            }
            reserved.add(number);
        }
        Ok(reserved)
    }

    async fn wait_for_room(
        &self,
        lane: &Arc<Lane>,
        offered: Tick,
        deadline: Option<Instant>,
    ) -> Result<Place, Refusal> {
        let core: &Core = &self.handle.0.core;
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

    fn accept(
        &self,
        message: Message<T::Input>,
        times: (Tick, Option<Instant>),
        reply: Option<Reply>,
        admitting: Admitting<'a>,
        reserved: Reserved<'a>,
    ) -> Option<Weak<Scope>> {
        let running = &self.handle.0;
        let Message {
            payload, origin, ..
        } = message;
        let branch = Branch::root(&running.core, times, |journey| {
            journey.comes_from(&origin, &payload);
            journey.is_told_to(reply);
            admitting.accepts();
        });
        let watched = self.is_watched.then(|| Arc::downgrade(branch.scope()));
        let delivery = reserved.enter(|| T::enter(&running.edges, payload, branch));
        debug_assert!(
            delivery.is_done(),
            "all places were reserved, and what is shed does not wait"
        );
        watched
    }

    fn closed(&self) -> Refusal {
        match self.handle.0.core.aborted() {
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

fn refused<M>(message: Message<M>, reason: Refusal) -> Refused<M> {
    Refused {
        message: Box::new(message),
        reason,
    }
}
