//! A step whose attempts are made in another process.
//!
//! Everything around them is as it is for any other step: the message stands on
//! its edge until a replica is free, and what the step declares holds here. Only
//! the attempt itself is made elsewhere.

use std::future::Future;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::agenda::Duty;
use super::ahead::Window;
use super::arrival::Arrival;
use super::originate::Occasion;
use super::process::{HandOn, Last, Process};
use super::run::{end_well, note_end};
use super::runner::{Replica, Runner};
use super::setback::Setback;
use super::{Bounded, BoxError, Inner, Overfull, Step, WorkflowStep, bounded};
use crate::boundary::{Attempt, Came, Crosses, Gate, Line, Link, Next, Pass, Time};
use crate::edge::Inbox;
use crate::fate::{Branch, Delivery, catch};
use crate::message::TraceContext;
use crate::state::Lent;
use crate::telemetry::{Tick, Working};

/// Runs a step in the process behind a gate.
pub struct Away<S: WorkflowStep> {
    pub(super) runner: Runner<S>,
    pub(super) gate: Arc<Gate>,
}

/// What a replica keeps of the process that it sends to.
#[derive(Default)]
pub struct Desk {
    /// To the process that was there last.
    pub(super) line: Option<Line>,
    /// How far ahead it is.
    pub(super) window: Window,
}

impl Desk {
    /// What has come.
    pub(super) fn next(&mut self) -> Next {
        self.line.as_mut().map_or(Next::Closed, Line::next)
    }

    /// The same, if that is what an attempt has returned.
    #[inline]
    pub(super) fn next_done(&mut self) -> Option<(Range<usize>, Time, u64)> {
        self.line.as_mut().and_then(Line::next_done)
    }

    /// Nobody waits any more for the first that was sent.
    pub(super) fn give_up(&mut self) {
        if let Some(line) = &mut self.line {
            line.give_up();
        }
    }
}

/// How long a process may be at an attempt that was given up, before it is killed
/// for it: at most so long, and at most half of what it may take to start.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

impl<S: WorkflowStep> Away<S> {
    /// # Panics
    ///
    /// Panics if the step is in no process: it is wired where it is in one.
    pub(crate) fn new(runner: Runner<S>) -> Self {
        let gate = runner.core.gate_of(runner.number());
        let gate = Arc::clone(gate.expect("the step is in a process"));
        Self { runner, gate }
    }
}

impl<S> Away<S>
where
    S: WorkflowStep,
    S::Input: Crosses,
    S::Output: Crosses,
{
    async fn run(
        &self,
        replica: &Replica,
        message: &mut Option<S::Input>,
        arrival: &mut Arrival,
        output: &mut Option<S::Output>,
        desk: &mut Desk,
    ) {
        let runner = &self.runner;
        if !runner.begin_work(runner.meter(), replica, arrival) {
            return;
        }
        let Some(message) = message.take() else {
            return;
        };
        let work = self.work_on(message, None, replica, arrival, output, desk);
        work.await;
        self.let_go(desk).await;
    }

    /// Works on a message until it is done, or falls back. `first` is what a first
    /// attempt came to that was made already.
    pub(super) async fn work_on(
        &self,
        message: S::Input,
        first: Option<Setback>,
        replica: &Replica,
        arrival: &mut Arrival,
        output: &mut Option<S::Output>,
        desk: &mut Desk,
    ) {
        let runner = &self.runner;
        let number = runner.number();
        let began = arrival.work.began;
        let mut working = Working::begin(&runner.core, number, replica.writer, began);
        let mut written = Vec::new();
        let crosses = match catch(|| message.write(self.gate.codec, &mut written)) {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Setback::Error(error, false)),
            Err((text, _)) => Some(Setback::Panic(text)),
        };
        let kept = runner.otherwise().keep().map(|_| message);
        let mut attempts = usize::from(first.is_some());
        let setback = match crosses {
            None => {
                let tried = self.attempts(
                    (&written, first),
                    replica,
                    arrival,
                    &mut attempts,
                    output,
                    desk,
                );
                tried.await
            }
            Some(setback) => {
                attempts = 1;
                Some(setback)
            }
        };
        working.is_counted();
        match setback {
            None => end_well(runner.meter(), replica, arrival, attempts),
            Some(setback) => {
                let fallen = runner.fall_back(setback, kept, attempts, replica, arrival);
                fallen.await;
            }
        }
    }

    /// Tries until it has ended well, may not be tried again, or was tried for the
    /// last time.
    async fn attempts(
        &self,
        (message, mut first): (&[u8], Option<Setback>),
        replica: &Replica,
        arrival: &mut Arrival,
        attempts: &mut usize,
        output: &mut Option<S::Output>,
        desk: &mut Desk,
    ) -> Option<Setback> {
        let runner = &self.runner;
        // Which of those that a process was at has ended it nobody knows: each is
        // tried alone, and ends no other's attempt once more.
        let mut is_suspect = false;
        loop {
            let setback = match first.take() {
                Some(setback) => setback,
                None => {
                    *attempts += 1;
                    let number = (*attempts, is_suspect);
                    let came = self.attempt(message, replica, arrival, number, desk).await;
                    arrival.at = runner.core.clock.now();
                    let setback = match came {
                        Ok(done) => {
                            *output = Some(done);
                            None
                        }
                        Err(setback) => Some(setback),
                    };
                    let span = arrival.asked.take().and_then(|asked| asked.span);
                    note_end(span.as_ref(), setback.as_ref());
                    setback?
                }
            };
            is_suspect = matches!(setback, Setback::Died(_));
            let may_retry = setback.may_retry() && *attempts < S::CONTRACT.attempts();
            let (Some(retry), Some(branch)) =
                (S::CONTRACT.retry.filter(|_| may_retry), &arrival.branch)
            else {
                return Some(setback);
            };
            let scope = branch.scope();
            let waited = runner.wait_to_retry(retry, *attempts, scope).await;
            arrival.at = runner.core.clock.now();
            if let Err(instead) = waited {
                return Some(instead.unwrap_or(setback));
            }
            runner.meter().retried();
        }
    }

    /// One attempt. A process that ends before it begins has not spent it.
    async fn attempt(
        &self,
        message: &[u8],
        replica: &Replica,
        arrival: &mut Arrival,
        (number, is_suspect): (usize, bool),
        desk: &mut Desk,
    ) -> Result<S::Output, Setback> {
        let runner = &self.runner;
        let Some(branch) = &arrival.branch else {
            return Err(Setback::Cancelled);
        };
        let scope = branch.scope();
        let latest = Instant::now() + self.gate.start;
        // The process that it was sent to last, and since when it is.
        let mut there: Option<(Arc<Link>, Instant)> = None;
        loop {
            let ready = bounded(
                self.ready(is_suspect, replica, desk),
                || Some(scope.until.map_or(latest, |until| until.min(latest))),
                || scope.cancellation(),
            );
            let (line, pass) = match ready.await {
                Bounded::Done(ready) => ready,
                Bounded::Cancelled => return Err(Setback::Cancelled),
                Bounded::TimedOut if scope.until.is_some_and(|until| until <= latest) => {
                    return Err(Setback::Deadline);
                }
                Bounded::TimedOut => {
                    return Err(Setback::Unavailable(self.gate.ended()));
                }
            };
            let began = runner.core.clock.now();
            arrival.at = began;
            if scope.until.is_some_and(|until| until <= Instant::now()) {
                return Err(Setback::Deadline);
            }
            arrival.asked = runner.context(branch, replica, number, began, &arrival.work);
            let trace = match &arrival.asked {
                Some(asked) => asked.context.trace.clone(),
                None => branch.journey().context.child(arrival.work.span_id),
            };
            let now = (Time::now(), began);
            let header = self.header(branch, number, trace, (None, now));
            let sent = line.send(header, |to| {
                to.extend_from_slice(message);
                Ok(())
            });
            sent.map_err(|error| cannot_cross(&error))?;
            line.say();
            let until = runner.until(branch, began);
            let held = self.gate.hold();
            let is_another = |(link, _): &mut (Arc<Link>, _)| !Arc::ptr_eq(link, line.link());
            there.take_if(is_another);
            let new = || (Arc::clone(line.link()), Instant::now());
            let since = there.get_or_insert_with(new).1;
            let begins = (since + self.gate.start / 2, latest);
            let ended = wait(line, branch, until, begins).await?;
            drop((held, pass));
            let came = match ended {
                // What it has returned too late counts no more.
                _ if scope.until.is_some_and(|until| until <= Instant::now()) => {
                    return Err(Setback::Deadline);
                }
                Some(came) => came,
                None if line.recall() > 0 => return Err(Setback::Died(self.gate.ended())),
                // However often that happens: the wait for a process has an end.
                None if latest <= Instant::now() => {
                    return Err(Setback::Unavailable(self.gate.ended()));
                }
                None => {
                    arrival.asked = None;
                    continue;
                }
            };
            return self.read(line, came);
        }
    }

    /// What an attempt has returned.
    pub(super) fn read(&self, line: &Line, came: Came) -> Result<S::Output, Setback> {
        let returned = match came {
            Came::Done(returned) => line.bytes(returned),
            Came::Failed(error, may_retry) => return Err(Setback::Error(error, may_retry)),
            Came::Panicked(text) => return Err(Setback::Panic(text)),
        };
        match catch(|| S::Output::read(self.gate.codec, returned)) {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) => Err(Setback::Error(error, false)),
            Err((text, _)) => Err(Setback::Panic(text)),
        }
    }

    /// Waits until the process is not at what was given up, and kills it if that takes
    /// longer: others wait for their turn there.
    pub(super) async fn let_go(&self, desk: &mut Desk) {
        if let Some(line) = desk.line.as_mut().filter(|line| line.is_taken()) {
            let patience = PATIENCE.min(self.gate.start / 2);
            if tokio::time::timeout(patience, line.free()).await.is_err() {
                let name = self.runner.core.step_name(self.runner.number());
                let why = format!("`{name}` was at an attempt that was given up {patience:?} ago");
                line.link().kill(why);
                line.free().await;
            }
        }
    }

    /// Waits until a process is there that is not at what was given up, and until
    /// there is room in it: but for that not so long that it could fail for it.
    async fn ready<'d>(
        &self,
        is_suspect: bool,
        replica: &Replica,
        desk: &'d mut Desk,
    ) -> (&'d mut Line, Option<Pass<'_>>) {
        self.let_go(desk).await;
        let pass = tokio::time::timeout(self.gate.start / 2, self.gate.pass(is_suspect));
        let pass = pass.await.ok();
        let link = self.gate.link().await;
        (self.line(link, replica, desk), pass)
    }

    /// The replica's line to that process.
    pub(super) fn line<'d>(
        &self,
        link: Arc<Link>,
        replica: &Replica,
        desk: &'d mut Desk,
    ) -> &'d mut Line {
        let is_there = |line: &Line| Arc::ptr_eq(line.link(), &link);
        if !desk.line.as_ref().is_some_and(is_there) {
            desk.line = None;
        }
        let number = self.gate.line(self.runner.number(), replica.number);
        desk.line.get_or_insert_with(|| Line::new(link, number))
    }

    /// The header of an attempt that is made now, or is not begun from some time on.
    pub(super) fn header(
        &self,
        branch: &Branch,
        number: usize,
        trace: TraceContext,
        (expires, now): (Option<Tick>, (Time, Tick)),
    ) -> Attempt {
        let time = |tick: Tick| now.0.plus(tick.since(now.1));
        let deadline = branch.scope().until;
        let deadline = deadline.map(|until| self.runner.core.clock.tick(until));
        Attempt {
            line: 0,
            epoch: 0,
            step: u16::try_from(self.runner.number()).unwrap_or(u16::MAX),
            number: u32::try_from(number).unwrap_or(u32::MAX),
            trace,
            expires: expires.map_or(Time::NEVER, time),
            deadline: deadline.map_or(Time::NEVER, time),
        }
    }
}

/// The message is not what the process can be given.
fn cannot_cross(error: &BoxError) -> Setback {
    let text = format!("the message cannot cross between processes: {error}");
    Setback::Error(text.into(), false)
}

/// Waits for what came of the one attempt that was sent; nothing if the process ends
/// first, or has not begun it at the latest. Where it is at nothing else it is ended
/// for that, before.
async fn wait(
    line: &mut Line,
    branch: &Branch,
    until: Option<Instant>,
    (soon, latest): (Instant, Instant),
) -> Result<Option<Came>, Setback> {
    let scope = branch.scope();
    for look in [Some(soon), Some(latest), None] {
        let end = [until, look].into_iter().flatten().min();
        let setback = match bounded(came(line), || end, || scope.cancellation()).await {
            Bounded::Done(came) => return Ok(came),
            Bounded::TimedOut if end != until => {
                if look == Some(latest) && line.recall() == 0 {
                    return Ok(None);
                }
                if line.began().is_none() && line.is_idle() {
                    line.link().kill("it begins nothing".to_owned());
                }
                continue;
            }
            Bounded::Cancelled => Setback::Cancelled,
            Bounded::TimedOut if until == scope.until => Setback::Deadline,
            // It has not begun: the process was at something else.
            Bounded::TimedOut if line.recall() == 0 => return Ok(None),
            Bounded::TimedOut => Setback::Timeout,
        };
        line.give_up();
        return Err(setback);
    }
    Ok(None)
}

async fn came(line: &mut Line) -> Option<Came> {
    loop {
        line.arrived().await;
        match line.next() {
            Next::Ended { came, .. } => return Some(came),
            Next::Closed => return None,
            // It does not expire.
            Next::Nothing | Next::Stopped => {}
        }
    }
}

impl<State, S> Process<State> for Away<S>
where
    State: Send + Sync + 'static,
    S: Step<State>,
    S::Input: Crosses,
    S::Output: Crosses,
{
    type Input = S::Input;
    type Output = S::Output;
    const IS_BLOCKING: bool = false;
    const OVERLAPS: bool = false;
    const BEGINS: bool = S::CONTRACT.begins_messages();
    const GOES_AHEAD: bool = true;
    type Own = Desk;

    fn nested(&self, _: &Lent<State>) -> Self::Own {
        Desk::default()
    }

    fn another(&self, _: &mut Self::Own) -> Self::Own {
        Desk::default()
    }

    fn inner<'o>(&self, _: &'o mut Self::Own) -> Vec<(usize, &'o mut dyn Inner)> {
        Vec::new()
    }

    fn duties(&self) -> Vec<Duty> {
        Vec::new()
    }

    fn prepare(&self, _: &Lent<State>, _: &mut Self::Own, _: &[usize]) {}

    fn is_unfinished(&self, _: usize, _: &Self::Own) -> bool {
        false
    }

    async fn originate(
        &self,
        _: Occasion,
        _: &Lent<State>,
        _: &Replica,
        _: &mut Self::Own,
    ) -> Option<(S::Output, Branch)> {
        None
    }

    fn last(&self) -> usize {
        self.runner.number()
    }

    fn refuse(&self, overfull: Overfull) -> Delivery {
        self.runner.fail_output(overfull)
    }

    fn process(
        &self,
        (_, replica): (&Lent<State>, &Replica),
        message: &mut Option<S::Input>,
        arrival: &mut Arrival,
        output: &mut Option<S::Output>,
        own: &mut Self::Own,
    ) -> impl Future<Output = ()> + Send {
        self.run(replica, message, arrival, output, own)
    }

    fn process_ahead<Q>(
        &self,
        replica: &Replica,
        inbox: &mut Inbox<Q>,
        own: &mut Self::Own,
        hand_on: &mut impl HandOn<S::Output>,
    ) -> impl Future<Output = bool> + Send
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        self.run_ahead(replica, inbox, own, hand_on)
    }
}

impl<S: WorkflowStep> Last for Away<S> {
    type Step = S;
}
