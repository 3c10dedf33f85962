//! A step whose attempts are made in another process.
//!
//! Everything around them is as it is for any other step: the message stands on
//! its edge until a replica is free, and what the step declares holds here. Only
//! the attempt itself is made elsewhere.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::agenda::Duty;
use super::arrival::Arrival;
use super::originate::Occasion;
use super::process::{Last, Process};
use super::run::{end_well, note_end};
use super::runner::{Replica, Runner};
use super::setback::Setback;
use super::{Bounded, Inner, Overfull, Step, WorkflowStep, bounded};
use crate::boundary::{Attempt, Came, Crosses, Crossing, Gate, Link, Pass};
use crate::fate::{Branch, Delivery, catch};
use crate::state::Lent;
use crate::telemetry::Working;

/// Runs a step in the process behind a gate.
pub struct Away<S: WorkflowStep> {
    runner: Runner<S>,
    gate: Arc<Gate>,
}

/// An attempt that nobody waits for, and that the process may still be at: its
/// replica is not free before it has ended.
pub struct GivenUp {
    ended: oneshot::Receiver<()>,
    link: Arc<Link>,
}

/// How long a process may be at an attempt that was given up, before it is killed
/// for it: at most so long, and at most half of what it may take to start.
const PATIENCE: Duration = Duration::from_secs(1);

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
        own: &mut Option<GivenUp>,
    ) {
        let runner = &self.runner;
        let meter = runner.meter();
        if !runner.begin_work(meter, replica, arrival) {
            return;
        }
        let number = runner.number();
        let mut working = Working::begin(&runner.core, number, replica.writer, arrival.at);
        let Some(message) = message.take() else {
            return;
        };
        let written = match catch(|| message.write(self.gate.codec)) {
            Ok(Ok(written)) => Ok(written),
            Ok(Err(error)) => Err(Setback::Error(error, false)),
            Err((text, _)) => Err(Setback::Panic(text)),
        };
        let kept = runner.otherwise().keep().map(|_| message);
        let mut attempts = 0;
        let setback = match written {
            Ok(written) => {
                let tried = self.attempts(&written, replica, arrival, &mut attempts, output, own);
                tried.await
            }
            Err(setback) => {
                attempts = 1;
                Some(setback)
            }
        };
        working.is_counted();
        match setback {
            None => end_well(meter, replica, arrival, attempts),
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
        message: &[u8],
        replica: &Replica,
        arrival: &mut Arrival,
        attempts: &mut usize,
        output: &mut Option<S::Output>,
        own: &mut Option<GivenUp>,
    ) -> Option<Setback> {
        let runner = &self.runner;
        // Which of those that a process was at has ended it nobody knows: each is
        // tried alone, and ends no other's attempt once more.
        let mut is_suspect = false;
        loop {
            *attempts += 1;
            let number = (*attempts, is_suspect);
            let came = self.attempt(message, replica, arrival, number, own).await;
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
            let setback = setback?;
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
        own: &mut Option<GivenUp>,
    ) -> Result<S::Output, Setback> {
        let runner = &self.runner;
        let Some(branch) = &arrival.branch else {
            return Err(Setback::Cancelled);
        };
        let scope = branch.scope();
        let latest = Instant::now() + self.gate.start;
        loop {
            let ready = bounded(
                self.ready(is_suspect, own),
                || Some(scope.until.map_or(latest, |until| until.min(latest))),
                || scope.cancellation(),
            );
            let (link, pass) = match ready.await {
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
            let header = self.header(branch, replica, number, arrival);
            let crossing = link.attempt(header, message).map_err(|error| {
                let text = format!("the message cannot cross between processes: {error}");
                Setback::Error(text.into(), false)
            })?;
            let until = runner.until(branch, began);
            let held = self.gate.hold();
            let came = self.wait(crossing, branch, until, own).await?;
            drop((held, pass));
            let read = match came {
                // What it has returned too late counts no more.
                _ if scope.until.is_some_and(|until| until <= Instant::now()) => {
                    return Err(Setback::Deadline);
                }
                Came::Done(written) => catch(|| S::Output::read(self.gate.codec, &written)),
                Came::Failed(error, may_retry) => return Err(Setback::Error(error, may_retry)),
                Came::Panicked(text) => return Err(Setback::Panic(text)),
                Came::Died => return Err(Setback::Died(self.gate.ended())),
                // However often that happens: the wait for a process has an end.
                Came::NotBegun if latest <= Instant::now() => {
                    return Err(Setback::Unavailable(self.gate.ended()));
                }
                Came::NotBegun => {
                    arrival.asked = None;
                    continue;
                }
            };
            return match read {
                Ok(Ok(output)) => Ok(output),
                Ok(Err(error)) => Err(Setback::Error(error, false)),
                Err((text, _)) => Err(Setback::Panic(text)),
            };
        }
    }

    /// Waits until a process is there that is not at what was given up, and until
    /// there is room in it: but for that not so long that it could fail for it.
    async fn ready(
        &self,
        is_suspect: bool,
        own: &mut Option<GivenUp>,
    ) -> (Arc<Link>, Option<Pass<'_>>) {
        if let Some(GivenUp { ended, link }) = own {
            let patience = PATIENCE.min(self.gate.start / 2);
            if tokio::time::timeout(patience, &mut *ended).await.is_err() {
                let name = self.runner.core.step_name(self.runner.number());
                let why = format!("`{name}` was at an attempt that was given up {patience:?} ago");
                link.kill(why);
                let _ = ended.await;
            }
            *own = None;
        }
        let pass = tokio::time::timeout(self.gate.start / 2, self.gate.pass(is_suspect));
        let pass = pass.await.ok();
        (self.gate.link().await, pass)
    }

    fn header(
        &self,
        branch: &Branch,
        replica: &Replica,
        number: usize,
        arrival: &Arrival,
    ) -> Attempt {
        let now = Instant::now();
        let deadline = branch.scope().until;
        let deadline = deadline.map(|until| until.saturating_duration_since(now));
        let timeout = S::CONTRACT.timeout;
        Attempt {
            id: 0,
            step: u16::try_from(self.runner.number()).unwrap_or(u16::MAX),
            replica: replica.number,
            number: u32::try_from(number).unwrap_or(u32::MAX),
            trace: match &arrival.asked {
                Some(asked) => asked.context.trace.clone(),
                None => branch.journey().context.child(arrival.work.span_id),
            },
            remaining: [timeout, deadline].into_iter().flatten().min(),
            deadline,
        }
    }

    async fn wait(
        &self,
        mut crossing: Crossing,
        branch: &Branch,
        until: Option<Instant>,
        own: &mut Option<GivenUp>,
    ) -> Result<Came, Setback> {
        let scope = branch.scope();
        let ended = bounded(&mut crossing, || until, || scope.cancellation());
        let setback = match ended.await {
            Bounded::Done(came) => return Ok(came),
            Bounded::Cancelled => Setback::Cancelled,
            Bounded::TimedOut if until == scope.until => Setback::Deadline,
            Bounded::TimedOut => Setback::Timeout,
        };
        *own = Some(GivenUp {
            link: Arc::clone(crossing.link()),
            ended: crossing.give_up(),
        });
        Err(setback)
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
    type Own = Option<GivenUp>;

    fn nested(&self, _: &Lent<State>) -> Self::Own {
        None
    }

    fn another(&self, _: &mut Self::Own) -> Self::Own {
        None
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
}

impl<S: WorkflowStep> Last for Away<S> {
    type Step = S;
}
