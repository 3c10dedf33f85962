//! Messages that are sent ahead to the process where they are worked on.
//!
//! A process that has to wait for each message until its parent has heard of the one
//! before does little else. So where a step is fast, messages are sent before their
//! turn. They keep their places on the edge until the step starts on them there, and
//! their times; what the process has not begun when something takes long waits on
//! its edge again, where it is found by whoever looks for it.

mod setbacks;
mod way;
mod window;

use tokio::time::{Instant, timeout};
use tracing::level_filters::LevelFilter;

use self::setbacks::GivenUp;
use self::way::{Ahead, Waited};
pub(super) use self::window::Window;
use super::arrival::Arrival;
use super::away::{Away, Desk};
use super::process::HandOn;
use super::run::end_well;
use super::runner::Replica;
use super::setback::Setback;
use super::{Kind, TURN, WorkflowStep};
use crate::boundary::{Came, Crosses, Next, Time};
use crate::edge::Inbox;
use crate::fate::{Branch, catch};
use crate::telemetry::Tick;

/// How many messages are handed on at least before others have their turn.
const LEAST: usize = 16;

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
        let goes = inbox.is_plain() && !matches!(S::CONTRACT.kind, Kind::Blocking);
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
                let Some(mut branch) = arrival.branch.take() else {
                    return;
                };
                branch.at = now;
                let delivery = hand_on(output, branch);
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
}

/// Whether somebody looks at the spans of the message: at what takes a step how long.
fn is_looked_at<S: WorkflowStep>(branch: &Branch) -> bool {
    let is_somebody_there =
        LevelFilter::current() != LevelFilter::OFF || S::CONTRACT.needs_context();
    is_somebody_there && branch.journey().context.is_sampled()
}
