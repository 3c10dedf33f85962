//! What takes long, what has failed, and what becomes of it where a process ends.

use std::future::Future;
use std::pin::pin;

use tokio::time::timeout;

use super::way::{Ahead, PATIENCE};
use crate::boundary::{Crosses, Time};
use crate::fate::catch;
use crate::step::arrival::Arrival;
use crate::step::away::{self, Away};
use crate::step::process::HandOn;
use crate::step::runner::Replica;
use crate::step::setback::Setback;
use crate::step::{Bounded, WorkflowStep, bounded};
use crate::telemetry::Working;

/// Nobody wants the first that was sent any more, for this reason if for any.
pub(super) struct GivenUp(pub(super) Option<Setback>);

impl<S> Away<S>
where
    S: WorkflowStep,
    S::Input: Crosses,
    S::Output: Crosses,
{
    /// Waits for the first that was sent, where that takes long: as long as the step
    /// may take, and as long as somebody wants it.
    pub(super) async fn wait_for_first<Q>(
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
    pub(super) async fn fails<Q>(
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
        if let (Some(output), Some(branch)) = (output, ahead.arrival.branch.take()) {
            hand_on(output, branch).complete().await;
        }
    }

    /// Works on something, and calls back what was not begun if that has to wait for
    /// long. Others may have the process alone then.
    pub(super) async fn or_call_back<Q, T>(
        &self,
        ahead: &mut Ahead<'_, Q>,
        work: impl Future<Output = T>,
    ) -> T
    where
        Q: WorkflowStep<Input = S::Input>,
    {
        ahead.say();
        let mut work = pin!(work);
        if let Ok(done) = timeout(PATIENCE, work.as_mut()).await {
            return done;
        }
        ahead.call_back();
        ahead.pass = None;
        work.await
    }

    /// The process has ended: what it had begun has spent an attempt.
    pub(super) async fn dies<Q>(
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
