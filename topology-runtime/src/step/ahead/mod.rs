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

use std::mem::needs_drop;
use std::ops::Range;

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
use crate::edge::{Inbox, Item};
use crate::fate::{Branch, Delivery, catch};
use crate::telemetry::Tick;

/// How many messages are handed on at least before others have their turn, and at most:
/// whoever takes them does more in a turn, so that they do not pile up there.
const LEAST: usize = 16;
const MOST: usize = TURN as usize / 8 * 7;

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

/// What has become of a message that was ahead.
enum Done<T> {
    /// What came of it is on its way.
    IsHandedOn,
    /// It is, as soon as there is room.
    Waits(Delivery),
    /// The message that was brought has failed.
    NotWell(Setback),
    /// Something is out of the ordinary about it, or about what came of it.
    Otherwise(Result<T, Setback>),
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
            soonest: None,
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
        let mut left = 0;
        loop {
            if ahead.pass.is_none() {
                // Somebody may have wanted the process alone meanwhile.
                ahead.say();
                let pass = timeout(self.gate.start / 2, self.gate.pass(false)).await;
                ahead.pass = pass.ok();
            }
            self.send(ahead);
            let on_the_way = ahead.on_the_way();
            if on_the_way == 0 {
                return End::Over;
            }
            let waited = ahead.wait().await;
            if let Waited::InVain = waited {
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
            if ahead.soonest.is_some_and(|soonest| soonest <= now.1) {
                // Where it waits, its time is over when it is over.
                ahead.call_back();
            }
            if left == 0 || !matches!(waited, Waited::Not) {
                left = (on_the_way / 2).clamp(LEAST, MOST);
            }
            let most = left;
            ahead.has_waited = false;
            let times = |began: Time, took: u64| (now.1.minus(now.0.since(began)), took, now.1);
            while left > 0 {
                if let Some((output, began, took)) = ahead.desk.next_done() {
                    let times = times(began, took);
                    match self.is_done(replica, ahead, output, times, hand_on) {
                        Done::IsHandedOn => {}
                        ended => self.ends(replica, ahead, ended, times, hand_on).await,
                    }
                    if !ahead.goes_on() {
                        return End::Again;
                    }
                    left -= 1;
                    continue;
                }
                match ahead.desk.next() {
                    Next::Nothing => break,
                    Next::Ended { came, began, took } => {
                        // Behind what has not ended well nothing is begun.
                        ahead.comes_back(1);
                        ahead.desk.window.takes(took);
                        let came = self.read_from(ahead, came);
                        let ended = Done::Otherwise(came);
                        self.ends(replica, ahead, ended, times(began, took), hand_on)
                            .await;
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
            let soonest = ahead.soonest.get_or_insert(expires);
            *soonest = expires.min(*soonest);
            ahead.inbox.goes();
        }
        line.say_in_time();
    }

    /// Takes what the first that was sent has returned.
    #[inline]
    fn is_done<Q>(
        &self,
        replica: &Replica,
        ahead: &mut Ahead<'_, Q>,
        output: Range<usize>,
        (began, took, now): (Tick, u64, Tick),
        hand_on: &mut impl HandOn<S::Output>,
    ) -> Done<S::Output>
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        ahead.desk.window.takes(took);
        let came = self.read_from(ahead, Came::Done(output));
        let output = match came {
            Ok(output) if ahead.message.is_none() => output,
            came => return Done::Otherwise(came),
        };
        let listens = does_somebody_listen::<S>();
        let Some(item) = ahead.inbox.take_ahead_ordinary(began, listens) else {
            return Done::Otherwise(Ok(output));
        };
        let Item {
            message, branch, ..
        } = item;
        let (meter, clock) = (self.runner.meter(), &self.runner.core.clock);
        meter.started(replica.writer);
        // It is offered now, however long ago it was done.
        let now = if ahead.has_waited { clock.now() } else { now };
        // Whatever is let go of may panic, and fails its own message then.
        if needs_drop::<S::Input>()
            && let Err((text, _)) = catch(|| drop(message))
        {
            ahead.arrival = Arrival::called(branch);
            ahead.arrival.fails(now.minus(took), now);
            let _ = catch(|| drop(output));
            return Done::NotWell(Setback::Panic(text));
        }
        meter.stopped(replica.writer, took);
        meter.succeeded(replica.writer);
        match hand_on(output, branch.from(now)) {
            delivery if delivery.is_done() => Done::IsHandedOn,
            delivery => Done::Waits(delivery),
        }
    }

    fn read_from<Q>(&self, ahead: &Ahead<'_, Q>, came: Came) -> Result<S::Output, Setback>
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        match &ahead.desk.line {
            Some(line) => self.read(line, came),
            None => Err(Setback::Cancelled),
        }
    }

    /// The same of what is out of the ordinary.
    async fn ends<Q>(
        &self,
        replica: &Replica,
        ahead: &mut Ahead<'_, Q>,
        ended: Done<S::Output>,
        (began, took, now): (Tick, u64, Tick),
        hand_on: &mut impl HandOn<S::Output>,
    ) where
        Q: WorkflowStep<Input = S::Input>,
    {
        let came = match ended {
            Done::IsHandedOn => return,
            Done::Waits(delivery) => return self.is_handed_on(ahead, delivery).await,
            Done::NotWell(setback) => return self.fails(replica, ahead, setback, hand_on).await,
            Done::Otherwise(came) => came,
        };
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
                self.is_handed_on(ahead, delivery).await;
            }
            Err(setback) => {
                // As if it had been at work until now.
                arrival.work.began = now.minus(took);
                arrival.at = now;
                self.fails(replica, ahead, setback, hand_on).await;
            }
        }
    }

    /// What came of one is on its way.
    async fn is_handed_on<Q>(&self, ahead: &mut Ahead<'_, Q>, delivery: Delivery)
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        if !delivery.is_done() {
            ahead.has_waited = true;
            self.or_call_back(ahead, delivery.complete()).await;
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

/// Whether somebody looks at the spans of messages that are sampled: at what takes a
/// step how long.
fn does_somebody_listen<S: WorkflowStep>() -> bool {
    LevelFilter::current() != LevelFilter::OFF || S::CONTRACT.needs_context()
}

/// Whether somebody looks at those of this one.
fn is_looked_at<S: WorkflowStep>(branch: &Branch) -> bool {
    does_somebody_listen::<S>() && branch.journey().context.is_sampled()
}
