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

use tokio::time::{Instant, sleep_until, timeout};
use tracing::level_filters::LevelFilter;

use super::arrival::Arrival;
use super::away::{self, Away, Desk};
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
    /// Something had to wait for room where it was handed on, since what has come was
    /// looked at.
    has_waited: bool,
    /// The process has ended: what is ahead was begun, all of it.
    has_died: bool,
    /// When something has come back last, or was sent first.
    last: Instant,
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
    /// The process begins nothing: what is next waits for it by itself.
    Alone,
}

/// Nobody wants the first that was sent any more, for this reason if for any.
struct GivenUp(Option<Setback>);

impl<S> Away<S>
where
    S: WorkflowStep,
    S::Input: Crosses,
    S::Output: Crosses,
{
    /// Works on what can be sent ahead, until there is nothing that could. `true` if the
    /// next message is not to be sent ahead, whatever it is.
    pub(super) async fn run_ahead<Q>(
        &self,
        replica: &Replica,
        inbox: &mut Inbox<Q>,
        desk: &mut Desk,
        hand_on: &mut impl HandOn<S::Output>,
    ) -> bool
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        let goes = inbox.goes_ahead() && !matches!(S::CONTRACT.kind, Kind::Blocking);
        if !goes || self.gate.is_paused() {
            return false;
        }
        loop {
            inbox.or_rest(self.let_go(desk)).await;
            let Some(mut ahead) = self.begin(replica, inbox, desk) else {
                return false;
            };
            match self.go(replica, &mut ahead, hand_on).await {
                End::Again => {}
                End::Over => return false,
                End::Alone => return true,
            }
        }
    }

    /// A process has to be there, and nobody to want it alone.
    fn begin<'a, Q>(
        &'a self,
        replica: &Replica,
        inbox: &'a mut Inbox<Q>,
        desk: &'a mut Desk,
    ) -> Option<Ahead<'a, Q>>
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        if self.gate.is_wanted_alone() {
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
            has_waited: false,
            has_died: false,
            last: Instant::now(),
        })
    }

    async fn go<'a, Q>(
        &'a self,
        replica: &Replica,
        ahead: &mut Ahead<'a, Q>,
        hand_on: &mut impl HandOn<S::Output>,
    ) -> End
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        ahead.look().await;
        loop {
            if ahead.pass.is_none() {
                // Somebody may have wanted the process alone meanwhile.
                let pass = timeout(self.gate.start / 2, self.gate.pass(false)).await;
                ahead.pass = pass.ok();
            }
            self.send(ahead);
            let on_the_way = ahead.on_the_way();
            if on_the_way == 0 {
                return End::Over;
            }
            if let Waited::InVain = ahead.wait().await {
                ahead.desk.window.most = 1;
                ahead.call_back();
                if ahead.on_the_way() == 0 {
                    return End::Alone;
                }
                if let Err(GivenUp(why)) = self.wait_for_first(replica, ahead).await {
                    if let Some(setback) = why {
                        self.fails(replica, ahead, setback, hand_on).await;
                    }
                    return End::Again;
                }
            }
            let now = (Time::now(), self.runner.core.clock.now());
            let most = (on_the_way / 2).clamp(LEAST, TURN as usize);
            let mut left = most;
            ahead.has_waited = false;
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
            if left < most {
                ahead.inbox.has_started();
                ahead.desk.window.widen();
                ahead.last = Instant::now();
            }
            if left == 0 {
                // Whoever waited for room brings more, so that there is something to
                // send while the rest of what has come back is handed on.
                ahead.inbox.rest();
                tokio::task::yield_now().await;
                ahead.look().await;
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
        if line.on_the_way() == 0 {
            ahead.last = Instant::now();
        }
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
        // It is offered now, however long ago it was done.
        let now = if ahead.has_waited { clock.now() } else { now };
        let message = &mut ahead.message;
        let landed = came.and_then(|output| {
            // Whatever is let go of may panic, and fails its own message then.
            let kept = catch(|| {
                if is_late {
                    drop(output);
                    return Err(Setback::Deadline);
                }
                *message = None;
                Ok(output)
            });
            kept.unwrap_or_else(|(text, _)| Err(Setback::Panic(text)))
        });
        match landed {
            Ok(output) => {
                end_well(self.runner.meter(), replica, arrival, 1);
                if let Some(branch) = &mut arrival.branch {
                    branch.at = now;
                }
                let delivery = hand_on(&mut Some(output), &mut arrival.branch);
                if !delivery.is_done() {
                    ahead.has_waited = true;
                    self.or_call_back(ahead, delivery.complete()).await;
                }
            }
            Err(setback) => {
                // As if it had been at work until now.
                arrival.work.began = now.minus(took);
                arrival.at = now;
                self.fails(replica, ahead, setback, hand_on).await;
            }
        }
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
            // The process is at one behind it: this is done, and will be here, unless
            // the process stands still.
            if timeout(away::PATIENCE, line.arrived()).await.is_err() {
                let name = core.step_name(number);
                let why = format!("nothing has come of what `{name}` had done");
                line.link().kill(why);
                line.arrived().await;
            }
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
        ahead.inbox.has_started();
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
        let message = ahead.message.take();
        if !setback.may_retry() || S::CONTRACT.attempts() == 1 {
            let keeps = self.runner.otherwise().keep().is_some();
            // One that panics while it is dropped has failed already.
            let kept = catch(|| message.filter(|_| keeps)).unwrap_or_default();
            let mut arrival = std::mem::replace(&mut ahead.arrival, Arrival::none());
            let fallen = self
                .runner
                .fall_back(setback, kept, 1, replica, &mut arrival);
            self.or_call_back(ahead, fallen).await;
            return;
        }
        let Some(message) = message else {
            return;
        };
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

    /// Works on something, and calls back what was not begun if that has to wait for
    /// long. Others may have the process alone then.
    async fn or_call_back<Q, T>(&self, ahead: &mut Ahead<'_, Q>, work: impl Future<Output = T>) -> T
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        let mut work = pin!(work);
        if let Ok(done) = timeout(PATIENCE, work.as_mut()).await {
            return done;
        }
        ahead.call_back();
        ahead.pass = None;
        work.await
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
        ahead.has_died = true;
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
        let until = self.last + PATIENCE;
        poll_fn(|context| {
            let can_be_sent = self.is_open && self.inbox.poll_more(context).is_ready();
            if arrived.as_mut().poll(context).is_ready() || can_be_sent {
                return Poll::Ready(Waited::Ready);
            }
            if patience.is_none() {
                patience.set(Some(sleep_until(until)));
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

    /// What the process has not begun waits on its edge again, where others look.
    fn call_back(&mut self) {
        self.recall();
        self.inbox.rest();
    }

    fn recall(&mut self) {
        if self.has_died {
            return;
        }
        if let Some(line) = &mut self.desk.line {
            let is_brought = usize::from(self.message.is_some());
            let ahead = line.recall().saturating_sub(is_brought);
            self.inbox.comes_back(ahead);
        }
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
        line.is_some_and(|line| line.on_the_way() > 0 || self.pass.is_some() && line.has_room())
    }
}

impl<Q: WorkflowStep> Drop for Ahead<'_, Q> {
    fn drop(&mut self) {
        self.recall();
    }
}
