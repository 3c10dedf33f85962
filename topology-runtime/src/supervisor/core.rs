//! What everything in a running topology shares.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::sources::Sources;
use crate::edge::{Outlet, Timekeeper};
use crate::fate::Accounts;
use crate::step::{Failure, StepSpec};
use crate::telemetry::{StepMeter, spans};
use crate::topology::{End, Topology};

pub(crate) struct Core {
    pub(crate) name: &'static str,
    pub(crate) has_out: bool,
    /// Whether a message may end without an answer.
    pub(crate) may_end: bool,
    /// The deadline of every message.
    pub(crate) deadline: Option<Duration>,
    pub(crate) accounts: Accounts,
    pub(crate) timekeeper: Timekeeper,
    /// What sources bring may still come.
    pub(crate) sources: Sources,
    /// Where answers go if nobody calls; `None` where somebody does.
    pub(crate) outlet: Option<Outlet>,
    pub(crate) steps: Box<[StepMeter]>,
    pub(crate) started: Instant,
    specs: &'static [StepSpec],
    aborted: OnceLock<Failure>,
    is_stopping: AtomicBool,
    stop: Notify,
}

impl Core {
    pub(crate) fn new<T: Topology>() -> Self {
        Self {
            name: T::NAME,
            has_out: T::End::HAS_OUT,
            may_end: T::End::no_answer().is_some(),
            deadline: T::DEADLINE,
            accounts: Accounts::default(),
            timekeeper: Timekeeper::default(),
            sources: Sources::default(),
            outlet: (!T::HAS_IN && T::End::HAS_OUT).then(Outlet::default),
            steps: T::steps().iter().map(|_| StepMeter::default()).collect(),
            started: Instant::now(),
            specs: T::steps(),
            aborted: OnceLock::new(),
            is_stopping: AtomicBool::new(false),
            stop: Notify::new(),
        }
    }

    pub(crate) fn step_name(&self, number: usize) -> &'static str {
        self.specs[number].name
    }

    /// Takes no messages any more and gives up those that are there.
    pub(crate) fn abort(&self, failure: Failure) {
        // The reason first, so that whoever is refused can be told.
        if self.aborted.set(failure).is_ok() {
            spans::aborted(self.name, self.aborted.get().expect("just set"));
        }
        self.accounts.close();
        self.stop();
    }

    pub(crate) fn aborted(&self) -> Option<&Failure> {
        self.aborted.get()
    }

    /// Stops all tasks.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
        self.stop.notify_waiters();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// Waits until the tasks are to stop.
    pub(crate) async fn stopping(&self) {
        loop {
            let mut stop = std::pin::pin!(self.stop.notified());
            stop.as_mut().enable();
            if self.is_stopping() {
                return;
            }
            stop.await;
        }
    }
}
