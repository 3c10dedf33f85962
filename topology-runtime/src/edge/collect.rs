//! `-> each`, which makes one message many, and `-> all`, which makes them one
//! again.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::receiver::{Accepts, Joined, Receiver};
use super::{Edge, Lane};
use crate::fate::{Branch, Delivery, Member, Members, Nest};
use crate::step::{Failure, FailureKind, HandedOn, Items, Overfull, WorkflowStep};
use crate::telemetry::Links;

/// The edge of an `all`: the results of a scope wait with their scope, and go
/// onto the edge together.
pub struct Collect<R>(R);

/// What becomes of a scope once all items have ended.
pub struct Gather<M>(Goal<M>);

type Goal<M> = Box<dyn Fn(Vec<M>, Links, Branch) -> Delivery + Send + Sync>;

/// Splits a value into its items: `each(value).to(&edge, branch, gather)`.
pub fn each<V>(value: V) -> Each<V> {
    Each(value)
}

/// A value that is handed on item by item.
#[must_use = "items that are offered to nobody are lost"]
pub struct Each<V>(V);

impl<R: Receiver> Collect<R> {
    pub(crate) fn new(receiver: R) -> Self {
        receiver.joins();
        Self(receiver)
    }

    /// The edge's places.
    pub fn lane(&self) -> Arc<Lane> {
        Arc::clone(self.0.lane())
    }

    /// Leads what is gathered to the edge's end.
    pub fn gather<M: 'static>(&self) -> Gather<M>
    where
        R: Accepts<Vec<M>>,
    {
        let receiver = self.0.clone();
        Gather(Box::new(move |results, links, branch| {
            receiver.receive(R::accept(results), branch, Joined(links))
        }))
    }

    /// Brings the result of an item.
    pub(crate) fn offer<M: Send + 'static>(&self, result: M, branch: Branch) -> Delivery {
        if branch.is_cancelled() {
            return branch.discard();
        }
        let lane = self.0.lane();
        let scope = Arc::clone(branch.scope());
        if let Some(kind) = scope.lateness(Instant::now()) {
            lane.meter.offered();
            let step = lane.spec.to;
            return branch.fail(Failure::new(kind, scope.journey().core.name, step, 0));
        }
        lane.meter.passed();
        let member = scope.member.as_ref();
        let gathered = member.and_then(|member| {
            let gathered = member.nest.as_any().downcast_ref::<Gathered<M>>()?;
            Some((gathered, member.position))
        });
        if let Some((gathered, position)) = gathered {
            gathered.add(position, result, &branch);
        }
        branch.discard()
    }
}

impl Gather<()> {
    /// Every item ends at a sink, and the message with the last of them.
    pub fn nothing() -> Self {
        Self(Box::new(|_, _, branch| branch.end()))
    }
}

impl<V> Each<V> {
    /// Hands each item on, in order, as a message in a scope of its own.
    pub fn to<S, M>(self, edge: &Edge<S>, branch: Branch, gather: Gather<M>) -> HandedOn
    where
        S: WorkflowStep,
        V: Items<S>,
        M: Send + 'static,
    {
        let (limit, within) = edge.lane.spec.scope.unwrap_or((usize::MAX, Duration::MAX));
        let items: Vec<_> = self.0.items().take(limit.saturating_add(1)).collect();
        if items.len() > limit {
            let kind = FailureKind::TooManyItems(limit);
            return Err(Box::new(Overfull { kind, branch }));
        }
        if branch.is_cancelled() {
            return Ok(branch.discard());
        }
        let end = Instant::now().checked_add(within);
        let until = [end, branch.scope().until].into_iter().flatten().min();
        let gathered = Gathered::open(branch, items.len(), gather.0);
        let edge = edge.clone();
        Ok(Delivery::waiting(async move {
            for (position, item) in items.into_iter().enumerate() {
                let Some(branch) = gathered.begin(position, until) else {
                    break;
                };
                edge.offer(item, branch).complete().await;
            }
            gathered.ended_one().complete().await;
        }))
    }
}

/// The items of one message, and what has come of them so far.
struct Gathered<M> {
    /// The branch that was split; `None` once it has gone on.
    parent: Mutex<Option<Branch>>,
    results: Mutex<Results<M>>,
    members: Members,
    goal: Goal<M>,
}

struct Results<M> {
    /// By the position of the item.
    items: Vec<Option<M>>,
    links: Links,
    /// How many have not ended, and 1 for the splitting itself.
    open: usize,
    /// An item failed that could not fail its message any more.
    is_broken: bool,
}

impl<M: Send + 'static> Gathered<M> {
    fn open(parent: Branch, items: usize, goal: Goal<M>) -> Arc<Self> {
        let scope = Arc::clone(parent.scope());
        let gathered = Arc::new(Self {
            parent: Mutex::new(Some(parent)),
            results: Mutex::new(Results {
                items: std::iter::repeat_with(|| None).take(items).collect(),
                links: Links::NONE,
                open: items + 1,
                is_broken: false,
            }),
            members: Members::default(),
            goal,
        });
        let nest: Arc<dyn Nest> = Arc::clone(&gathered) as _;
        scope.nest(&nest);
        gathered
    }

    /// The branch of one item; `None` if nobody waits for it any more.
    fn begin(self: &Arc<Self>, position: usize, until: Option<Instant>) -> Option<Branch> {
        let parent = self.parent();
        let parent = parent.as_ref()?;
        let nest: Arc<dyn Nest> = Arc::clone(self) as _;
        let member = Member { nest, position };
        let scope = parent.scope().inside(member, until);
        self.members.add(&scope);
        Some(parent.of_member(scope))
    }

    fn add(&self, position: usize, result: M, branch: &Branch) {
        let mut results = self.results();
        results
            .links
            .add(position, branch.span().clone(), branch.span_id);
        // What was cancelled meanwhile has no place any more.
        if let Some(item) = results.items.get_mut(position) {
            *item = Some(result);
        }
    }

    /// One item has ended, or the splitting. Behind the last, the message goes
    /// on with the results.
    fn ended_one(&self) -> Delivery {
        let (items, links) = {
            let mut results = self.results();
            results.open -= 1;
            if results.open > 0 {
                return Delivery::DONE;
            }
            let links = std::mem::take(&mut results.links);
            (std::mem::take(&mut results.items), links)
        };
        let Some(parent) = self.parent().take() else {
            return Delivery::DONE;
        };
        if self.results().is_broken {
            return parent.discard();
        }
        (self.goal)(items.into_iter().flatten().collect(), links, parent.now())
    }

    fn parent(&self) -> MutexGuard<'_, Option<Branch>> {
        self.parent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn results(&self) -> MutexGuard<'_, Results<M>> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: Send + 'static> Nest for Gathered<M> {
    fn ended(&self, _: usize) -> Delivery {
        self.ended_one()
    }

    /// An item that fails fails what it is an item of.
    fn failed(&self, _: usize, failure: Failure) -> Delivery {
        let scope = self
            .parent()
            .as_ref()
            .map(|parent| Arc::clone(parent.scope()));
        let Some(scope) = scope else {
            return Delivery::DONE;
        };
        self.results().is_broken = true;
        scope.fail(failure)
    }

    fn cancel(&self) {
        self.members.cancel();
        let parent = self.parent().take();
        let results = std::mem::take(&mut self.results().items);
        drop(results);
        // Its scope is cancelled: it ends quietly.
        let _ = parent.map(Branch::discard);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
