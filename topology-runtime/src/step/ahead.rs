//! Messages that are sent ahead to the process where they are worked on.
//!
//! A process that has to wait for each message until its parent has heard of the one
//! before does little else. So where a step is fast, messages are sent before their
//! turn. They keep their places on the edge until the step starts on them there, and
//! their times; what the process has not begun when something takes long waits on
//! its edge again, where it is found by whoever looks for it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::sleep;
use tracing::level_filters::LevelFilter;

use super::arrival::Arrival;
use super::away::{Away, Desk};
use super::process::HandOn;
use super::run::end_well;
use super::runner::Replica;
use super::setback::Setback;
use super::{Bounded, Kind, TURN, WorkflowStep, bounded};
use crate::boundary::{Came, Crosses, Line, Next, Pass, Time};
use crate::edge::Inbox;
use crate::fate::{Branch, catch};
use crate::telemetry::{Tick, Working};

/// How many messages are sent ahead at most.
const MOST: usize = 256;

/// How many messages are handed on at least before others have their turn.
const LEAST: usize = 16;

/// How long what is sent ahead may take, all together, in nanoseconds, if each takes
/// what they took lately.
const SOON: u64 = 1_000_000;

/// How long nothing may come back before what was not begun waits on its edge again.
const PATIENCE: Duration = Duration::from_millis(1);

/// How far ahead a replica is.
#[derive(Default)]
pub(super) struct Window {
    /// How many messages are on their way at most.
    most: usize,
    /// What one takes, in nanoseconds, on the average of the last few.
    took: u64,
}

impl Window {
    fn takes(&mut self, took: u64) {
        self.took = (self.took.saturating_mul(7).saturating_add(took)) / 8;
    }

    /// What came back came soon: more may be ahead, up to twice as much.
    fn widen(&mut self) {
        let most = SOON / self.took.max(1);
        let most = usize::try_from(most).unwrap_or(MOST).min(2 * self.most);
        self.most = most.clamp(1, MOST);
    }
}

/// What is on its way. Dropped, what was not begun is to be worked on again.
struct Ahead<'a, Q: WorkflowStep> {
    inbox: &'a mut Inbox<Q>,
    desk: &'a mut Desk,
    /// So that nobody has the process alone meanwhile.
    pass: Option<Pass<'a>>,
    arrival: Arrival,
    /// The message of the arrival.
    message: Option<Q::Input>,
    /// What could be sent would be.
    is_open: bool,
}

/// How the wait for something that was sent has ended.
enum Waited {
    /// Something has come back, or can be sent.
    Ready,
    /// Neither, for long.
    InVain,
}

/// How what was ahead has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Something else may be sent from anew.
    Again,
    /// Something is to be worked on by itself, or nothing is there.
    Over,
}

/// Nobody wants the first that was sent any more, for this reason if for any.
struct GivenUp(Option<Setback>);

impl<S> Away<S>
where
    S: WorkflowStep,
    S::Input: Crosses,
    S::Output: Crosses,
{
    /// Works on what can be sent ahead, until there is nothing that could.
    pub(super) async fn run_ahead<Q>(
        &self,
        replica: &Replica,
        inbox: &mut Inbox<Q>,
        desk: &mut Desk,
        hand_on: &mut impl HandOn<S::Output>,
    ) where
        Q: WorkflowStep<Input = S::Input>,
    {
        let goes = inbox.goes_ahead() && !matches!(S::CONTRACT.kind, Kind::Blocking);
        if !goes || self.gate.is_paused() {
            return;
        }
        loop {
            let Some(mut ahead) = self.begin(replica, inbox, desk) else {
                return;
            };
            if self.go(replica, &mut ahead, hand_on).await == End::Over {
                return;
            }
        }
    }

    /// A process has to be there, and not at what was given up.
    fn begin<'a, Q>(
        &'a self,
        replica: &Replica,
        inbox: &'a mut Inbox<Q>,
        desk: &'a mut Desk,
    ) -> Option<Ahead<'a, Q>>
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        if desk.line.as_ref().is_some_and(Line::is_taken) || self.gate.is_wanted_alone() {
            return None;
        }
        let link = self.gate.link_now()?;
        let pass = self.gate.pass_now()?;
        self.line(link, replica, desk);
        desk.window.most = desk.window.most.max(1);
        Some(Ahead {
            inbox,
            desk,
            pass: Some(pass),
            arrival: Arrival::none(),
            message: None,
            is_open: true,
        })
    }

    async fn go<Q>(
        &self,
        replica: &Replica,
        ahead: &mut Ahead<'_, Q>,
        hand_on: &mut impl HandOn<S::Output>,
    ) -> End
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        ahead.look().await;
        loop {
            self.send(ahead);
            let on_the_way = ahead.on_the_way();
            if on_the_way == 0 {
                return End::Over;
            }
            if let Waited::InVain = ahead.wait().await {
                ahead.desk.window.most = 1;
                ahead.call_back();
                if let Err(GivenUp(why)) = self.wait_for_first(replica, ahead).await {
                    if let Some(setback) = why {
                        self.fails(replica, ahead, setback, hand_on).await;
                    }
                    return End::Again;
                }
            }
            let now = (Time::now(), self.runner.core.clock.now());
            let mut left = (on_the_way / 2).clamp(LEAST, TURN as usize);
            while left > 0 {
                match ahead.desk.next() {
                    Next::Nothing => break,
                    Next::Ended { came, began, took } => {
                        // Behind what has not ended well nothing is begun.
                        ahead.comes_back(1);
                        let times = (now.1.minus(now.0.since(began)), took, now.1);
                        self.ends(replica, ahead, came, times, hand_on).await;
                        if !ahead.goes_on() {
                            return End::Again;
                        }
                    }
                    Next::Stopped => {
                        ahead.call_back();
                        // What has expired there has here.
                        return End::Over;
                    }
                    Next::Closed => {
                        self.dies(replica, ahead, hand_on).await;
                        return End::Again;
                    }
                }
                left -= 1;
            }
            ahead.inbox.has_started();
            ahead.desk.window.widen();
            if left == 0 {
                // Whoever waited for room brings more, so that there is something to
                // send while the rest of what has come back is handed on.
                tokio::task::yield_now().await;
            }
        }
    }

    /// Sends as much as is to be ahead.
    fn send<Q>(&self, ahead: &mut Ahead<'_, Q>)
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        ahead.is_open = false;
        let Some(line) = &mut ahead.desk.line else {
            return;
        };
        if self.gate.is_wanted_alone() || !line.is_read() {
            return;
        }
        let mut now = None;
        while line.on_the_way() < ahead.desk.window.most && line.has_room() {
            let Some((message, branch, expires)) = ahead.inbox.next_ahead() else {
                ahead.is_open = true;
                break;
            };
            let now = *now.get_or_insert_with(|| (Time::now(), self.runner.core.clock.now()));
            if expires <= now.1 || branch.is_cancelled() || is_looked_at::<S>(branch) {
                break;
            }
            let trace = branch.journey().context.child(branch.span_id);
            let header = self.header(branch, 1, trace, (Some(expires), now));
            let sent = catch(|| line.send(header, |to| message.write(self.gate.codec, to)));
            // What cannot be sent fails when it is worked on by itself.
            if !matches!(sent, Ok(Ok(()))) {
                break;
            }
            ahead.inbox.goes();
        }
        line.say();
    }

    /// Takes what came of the first that was sent.
    async fn ends<Q>(
        &self,
        replica: &Replica,
        ahead: &mut Ahead<'_, Q>,
        came: Came,
        (began, took, now): (Tick, u64, Tick),
        hand_on: &mut impl HandOn<S::Output>,
    ) where
        Q: WorkflowStep<Input = S::Input>,
    {
        ahead.desk.window.takes(took);
        let Some(line) = &ahead.desk.line else {
            return;
        };
        let came = self.read(line, came);
        if !self.brings(replica, ahead, began) {
            ahead.inbox.late_is_gone().await;
            return;
        }
        let arrival = &mut ahead.arrival;
        arrival.at = began.plus(took);
        let branch = arrival.branch.as_ref();
        let deadline = branch.and_then(|branch| branch.scope().until);
        let clock = &self.runner.core.clock;
        let is_late = deadline.is_some_and(|until| clock.tick(until) <= arrival.at);
        let setback = match came {
            // What it has returned too late counts no more.
            Ok(_) if is_late => Setback::Deadline,
            Err(setback) => setback,
            Ok(output) => {
                ahead.message = None;
                end_well(self.runner.meter(), replica, arrival, 1);
                if let Some(branch) = &mut arrival.branch {
                    // It is offered now, however long ago it was done.
                    branch.at = now;
                }
                let delivery = hand_on(&mut Some(output), &mut arrival.branch);
                if !delivery.is_done() {
                    or_call_back(ahead.inbox, ahead.desk, delivery.complete()).await;
                }
                return;
            }
        };
        self.fails(replica, ahead, setback, hand_on).await;
    }

    /// Brings the first that was sent, which was begun then, unless it was brought
    /// already; `false` if its message has no use for it any more.
    fn brings<Q>(&self, replica: &Replica, ahead: &mut Ahead<'_, Q>, began: Tick) -> bool
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        if ahead.message.is_some() {
            return true;
        }
        let (message, arrival) = (&mut ahead.message, &mut ahead.arrival);
        let is_there = ahead.inbox.bring_ahead(began, message, arrival)
            && self
                .runner
                .begin_work(self.runner.meter(), replica, arrival);
        if !is_there {
            *message = None;
        }
        is_there
    }

    /// Waits for the first that was sent, where that takes long: as long as the step
    /// may take, and as long as somebody wants it.
    async fn wait_for_first<Q>(
        &self,
        replica: &Replica,
        ahead: &mut Ahead<'_, Q>,
    ) -> Result<(), GivenUp>
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        let (core, number) = (&self.runner.core, self.runner.number());
        let Some(line) = &mut ahead.desk.line else {
            return Ok(());
        };
        if line.on_the_way() > 1 {
            // The process is at one behind it: this is done, and will be here.
            line.arrived().await;
            return Ok(());
        }
        let Some(began) = line.began() else {
            return Ok(());
        };
        let began = core.clock.now().minus(Time::now().since(began));
        if !self.brings(replica, ahead, began) {
            ahead.desk.give_up();
            ahead.inbox.late_is_gone().await;
            return Err(GivenUp(None));
        }
        let (Some(branch), Some(line)) = (&ahead.arrival.branch, &mut ahead.desk.line) else {
            return Ok(());
        };
        let mut working = Working::begin(core, number, replica.writer, began);
        let (scope, until) = (branch.scope(), self.runner.until(branch, began));
        let waited = bounded(line.arrived(), || until, || scope.cancellation()).await;
        working.is_counted();
        let setback = match waited {
            Bounded::Done(()) => return Ok(()),
            Bounded::Cancelled => Setback::Cancelled,
            Bounded::TimedOut if until == scope.until => Setback::Deadline,
            Bounded::TimedOut => Setback::Timeout,
        };
        line.give_up();
        ahead.arrival.at = core.clock.now();
        Err(GivenUp(Some(setback)))
    }

    /// An attempt at the message that was brought has not ended well.
    async fn fails<Q>(
        &self,
        replica: &Replica,
        ahead: &mut Ahead<'_, Q>,
        setback: Setback,
        hand_on: &mut impl HandOn<S::Output>,
    ) where
        Q: WorkflowStep<Input = S::Input>,
    {
        let Some(message) = ahead.message.take() else {
            return;
        };
        let (runner, arrival) = (&self.runner, &mut ahead.arrival);
        if !setback.may_retry() || S::CONTRACT.attempts() == 1 {
            let kept = runner.otherwise().keep().map(|_| message);
            let fallen = runner.fall_back(setback, kept, 1, replica, arrival);
            or_call_back(ahead.inbox, ahead.desk, fallen).await;
            return;
        }
        ahead.call_back();
        // It may be tried alone.
        ahead.pass = None;
        let mut output = None;
        let (arrival, desk) = (&mut ahead.arrival, &mut *ahead.desk);
        let work = self.work_on(message, Some(setback), replica, arrival, &mut output, desk);
        work.await;
        let delivery = hand_on(&mut output, &mut ahead.arrival.branch);
        delivery.complete().await;
    }

    /// The process has ended: what it had begun has spent an attempt.
    async fn dies<Q>(
        &self,
        replica: &Replica,
        ahead: &mut Ahead<'_, Q>,
        hand_on: &mut impl HandOn<S::Output>,
    ) where
        Q: WorkflowStep<Input = S::Input>,
    {
        ahead.call_back();
        ahead.desk.line = None;
        let how = self.gate.ended();
        while ahead.message.is_some() || ahead.inbox.is_ahead() {
            let now = self.runner.core.clock.now();
            if self.brings(replica, ahead, now) {
                ahead.arrival.at = now;
                let died = Setback::Died(how.clone());
                self.fails(replica, ahead, died, hand_on).await;
            } else {
                ahead.inbox.late_is_gone().await;
            }
        }
    }
}

/// Whether somebody looks at the spans of the message: at what takes a step how long.
fn is_looked_at<S: WorkflowStep>(branch: &Branch) -> bool {
    let is_somebody_there =
        LevelFilter::current() != LevelFilter::OFF || S::CONTRACT.needs_context();
    is_somebody_there && branch.journey().context.is_sampled()
}

impl<Q: WorkflowStep> Ahead<'_, Q> {
    fn on_the_way(&self) -> usize {
        self.desk.line.as_ref().map_or(0, Line::on_the_way)
    }

    /// Looks for what can be sent, without waiting for it.
    async fn look(&mut self) {
        poll_fn(|context| {
            let _ = self.inbox.poll_more(context);
            Poll::Ready(())
        })
        .await;
    }

    /// Waits until something has come back, or can be sent.
    async fn wait(&mut self) -> Waited {
        let Some(line) = &mut self.desk.line else {
            return Waited::Ready;
        };
        let mut arrived = pin!(line.arrived());
        let mut patience = pin!(None);
        poll_fn(|context| {
            let can_be_sent = self.is_open && self.inbox.poll_more(context).is_ready();
            if arrived.as_mut().poll(context).is_ready() || can_be_sent {
                return Poll::Ready(Waited::Ready);
            }
            if patience.is_none() {
                patience.set(Some(sleep(PATIENCE)));
            }
            patience
                .as_mut()
                .as_pin_mut()
                .map_or(Poll::Pending, |patience| {
                    patience.poll(context).map(|()| Waited::InVain)
                })
        })
        .await
    }

    fn call_back(&mut self) {
        call_back(self.inbox, self.desk);
    }

    /// What is not on its way any more is to be sent again, but for so many that have
    /// just ended.
    fn comes_back(&mut self, ended: usize) {
        let is_brought = usize::from(self.message.is_some());
        let ahead = self.on_the_way() + ended - is_brought;
        self.inbox.comes_back(ahead);
    }

    /// Whether others are on their way, or can be sent behind them.
    fn goes_on(&self) -> bool {
        let line = self.desk.line.as_ref();
        self.pass.is_some() && line.is_some_and(|line| line.on_the_way() > 0 || line.has_room())
    }
}

impl<Q: WorkflowStep> Drop for Ahead<'_, Q> {
    fn drop(&mut self) {
        if let Some(line) = &mut self.desk.line {
            self.inbox.comes_back(line.recall());
        }
    }
}

/// What the process has not begun waits on its edge again, where others look.
fn call_back<Q: WorkflowStep>(inbox: &mut Inbox<Q>, desk: &mut Desk) {
    if let Some(line) = &mut desk.line {
        inbox.comes_back(line.recall());
    }
    inbox.rest();
}

/// Works on something, and calls back what was not begun if that has to wait for long.
async fn or_call_back<Q: WorkflowStep, T>(
    inbox: &mut Inbox<Q>,
    desk: &mut Desk,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    if let Ok(done) = tokio::time::timeout(PATIENCE, work.as_mut()).await {
        return done;
    }
    call_back(inbox, desk);
    work.await
}
