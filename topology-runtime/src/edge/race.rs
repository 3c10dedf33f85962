//! `a -> b ^ c -> d`: all run, and the first that ends well goes on.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Lane;
use super::receiver::{Accepts, Joined, Receiver};
use crate::fate::{Branch, Delivery, Member, Members, Nest};
use crate::step::{Failure, FailureKind};
use crate::telemetry::Links;

/// The edge behind a race: of one arm, because the first takes all.
pub struct Finish<R>(R);

/// The edge behind a race with several winners, which takes a `Vec` of them.
pub struct First<R, M>(R, PhantomData<fn() -> M>);

impl<R: Receiver> Finish<R> {
    pub(crate) fn new(receiver: R) -> Self {
        receiver.joins();
        Self(receiver)
    }

    /// The edge's places.
    pub fn lane(&self) -> Arc<Lane> {
        Arc::clone(self.0.lane())
    }

    /// Begins a race that ends here: one branch for each arm.
    pub fn race<const ARMS: usize>(&self, branch: Branch) -> [Branch; ARMS] {
        let receiver = self.0.clone();
        let on = move |mut won: Vec<R::Value>, _, branch: Branch| match won.pop() {
            Some(value) => receiver.receive(value, branch, Joined::default()),
            None => branch.discard(),
        };
        Race::begin(1, branch, Box::new(on), lost(&self.0))
    }

    /// Brings what an arm has come to.
    pub(crate) fn offer<M>(&self, value: M, branch: Branch) -> Delivery
    where
        R: Accepts<M>,
    {
        arrive(self.0.lane(), R::accept(value), branch)
    }
}

impl<R: Receiver, M: Send + 'static> First<R, M> {
    pub(crate) fn new(receiver: R) -> Self {
        receiver.joins();
        Self(receiver, PhantomData)
    }

    /// The edge's places.
    pub fn lane(&self) -> Arc<Lane> {
        Arc::clone(self.0.lane())
    }

    /// Begins a race that ends here: one branch for each arm.
    pub fn race<const ARMS: usize>(&self, branch: Branch) -> [Branch; ARMS]
    where
        R: Accepts<Vec<M>>,
    {
        let receiver = self.0.clone();
        let on = move |won, links, branch| receiver.receive(R::accept(won), branch, Joined(links));
        let needed = self.0.lane().spec.first.unwrap_or(1);
        Race::begin(needed, branch, Box::new(on), lost(&self.0))
    }

    /// Brings what an arm has come to.
    pub(crate) fn offer(&self, value: M, branch: Branch) -> Delivery {
        arrive(self.0.lane(), value, branch)
    }
}

fn lost<R: Receiver>(receiver: &R) -> Lost {
    let receiver = receiver.clone();
    Box::new(move |failure, branch| {
        let failure = failure.unwrap_or_else(|| {
            let workflow = branch.journey().core.name;
            Failure::new(FailureKind::RaceLost, workflow, receiver.lane().spec.to, 0)
        });
        receiver.fail(failure, branch)
    })
}

fn arrive<X: Send + 'static>(lane: &Arc<Lane>, value: X, branch: Branch) -> Delivery {
    if branch.is_cancelled() {
        return branch.discard();
    }
    lane.meter.offered();
    let scope = Arc::clone(branch.scope());
    let member = scope.member.as_ref();
    let race = member.and_then(|member| {
        let race = member.nest.as_any().downcast_ref::<Race<X>>()?;
        Some((race, member.position))
    });
    let Some((race, position)) = race else {
        return branch.discard();
    };
    let on = race.won(position, value, &branch);
    // The winner that ends the race is counted where it goes on.
    if on.is_none() {
        lane.meter.taken(Duration::ZERO);
    }
    branch.discard().and(on.unwrap_or(Delivery::DONE))
}

type Won<X> = Box<dyn Fn(Vec<X>, Links, Branch) -> Delivery + Send + Sync>;
type Lost = Box<dyn Fn(Option<Failure>, Branch) -> Delivery + Send + Sync>;

/// One race of one message.
struct Race<X> {
    state: Mutex<State<X>>,
    members: Members,
    on: Won<X>,
    lost: Lost,
}

struct State<X> {
    /// The branch that began the race; `None` once it is decided.
    parent: Option<Branch>,
    won: Vec<X>,
    links: Links,
    needed: usize,
    /// By arm: whether it has ended, one way or the other.
    ended: Vec<Arm>,
    failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arm {
    Runs,
    Won,
    Lost,
}

impl<X> State<X> {
    /// Takes the parent if too few arms are left.
    fn decide(&mut self) -> Option<Branch> {
        let running = self.ended.iter().filter(|arm| **arm == Arm::Runs).count();
        if self.won.len() + running < self.needed {
            self.parent.take()
        } else {
            None
        }
    }
}

impl<X: Send + 'static> Race<X> {
    fn begin<const ARMS: usize>(
        needed: usize,
        parent: Branch,
        on: Won<X>,
        lost: Lost,
    ) -> [Branch; ARMS] {
        let outer = Arc::clone(parent.scope());
        let race = Arc::new(Self {
            state: Mutex::new(State {
                parent: None,
                won: Vec::new(),
                links: Links::NONE,
                needed,
                ended: vec![Arm::Runs; ARMS],
                failure: None,
            }),
            members: Members::default(),
            on,
            lost,
        });
        let nest: Arc<dyn Nest> = Arc::clone(&race) as _;
        let arms = std::array::from_fn(|position| {
            let member = Member {
                nest: Arc::clone(&nest),
                position,
            };
            let scope = outer.inside(member, outer.until);
            race.members.add(&scope);
            let mut arm = parent.of_member(scope);
            arm.set_patience(parent.patience());
            arm
        });
        race.state().parent = Some(parent);
        outer.nest(&nest);
        arms
    }

    /// An arm has ended well. What goes on, if that decides the race.
    fn won(&self, position: usize, value: X, branch: &Branch) -> Option<Delivery> {
        let (won, links, parent, losers) = {
            let mut state = self.state();
            if state.parent.is_none() || state.ended[position] != Arm::Runs {
                return None;
            }
            state.ended[position] = Arm::Won;
            state.won.push(value);
            state
                .links
                .add(position, branch.span().clone(), branch.span_id);
            if state.won.len() < state.needed {
                return None;
            }
            let ended = state.ended.iter().enumerate();
            let losers: Vec<_> = ended
                .filter(|(_, arm)| **arm != Arm::Won)
                .map(|(position, _)| position)
                .collect();
            let won = std::mem::take(&mut state.won);
            let links = std::mem::take(&mut state.links);
            (won, links, state.parent.take()?, losers)
        };
        for loser in losers {
            self.members.cancel_one(loser);
        }
        let parent = parent.below(branch.span().clone(), branch.span_id);
        Some((self.on)(won, links, parent.now()))
    }

    /// An arm has ended without a result.
    fn lose(&self, position: usize, failure: Option<Failure>) -> Delivery {
        let (parent, failure) = {
            let mut state = self.state();
            if state.ended[position] != Arm::Runs {
                return Delivery::DONE;
            }
            state.ended[position] = Arm::Lost;
            if failure.is_some() {
                state.failure = failure;
            }
            match state.decide() {
                Some(parent) => (parent, state.failure.take()),
                None => return Delivery::DONE,
            }
        };
        self.members.cancel();
        (self.lost)(failure, parent.now())
    }

    fn state(&self) -> MutexGuard<'_, State<X>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<X: Send + 'static> Nest for Race<X> {
    fn ended(&self, position: usize) -> Delivery {
        self.lose(position, None)
    }

    /// An arm that fails has lost, and what is left of it is cancelled.
    fn failed(&self, position: usize, failure: Failure) -> Delivery {
        let has_won = self.state().ended[position] == Arm::Won;
        if has_won {
            // What it left behind can make it lose no more.
            self.members.fail_late(position, &failure);
            return Delivery::DONE;
        }
        self.members.cancel_one(position);
        self.lose(position, Some(failure))
    }

    fn cancel(&self) {
        self.members.cancel();
        let (parent, won) = {
            let mut state = self.state();
            (state.parent.take(), std::mem::take(&mut state.won))
        };
        drop(won);
        // Its scope is cancelled: it ends quietly.
        let _ = parent.map(Branch::discard);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
