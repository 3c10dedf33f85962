//! What everything in a running topology shares.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Notify;

use super::{Outer, Registry, Tally};
#[cfg(feature = "process")]
use crate::boundary::{BoundarySpec, Gate, Isolation, Strategy};
#[cfg(feature = "process")]
use crate::budget::Specs;
use crate::edge::{Outlet, Timekeeper};
use crate::fate::{Accounts, Spares};
use crate::padded::Padded;
use crate::step::{Failure, Limiter, StepSpec};
use crate::telemetry::{Clock, Sampler, StepMeter, Tick, spans};
use crate::topology::{End, Topology};

pub(crate) struct Core {
    pub(crate) name: &'static str,
    pub(crate) has_out: bool,
    /// Whether a message may end without an answer.
    pub(crate) may_end: bool,
    /// The deadline of every message.
    pub(crate) deadline: Option<Duration>,
    pub(crate) accounts: Padded<Accounts>,
    pub(crate) spares: Padded<Spares>,
    pub(crate) timekeeper: Padded<Timekeeper>,
    /// What sources bring may still come.
    pub(crate) sources: Tally,
    /// Where answers go if nobody calls; `None` where somebody does.
    pub(crate) outlet: Option<Outlet>,
    pub(crate) steps: Box<[Padded<StepMeter>]>,
    pub(crate) clock: Clock,
    /// By step: what keeps it below its rate.
    pub(crate) limiters: Box<[Option<Limiter>]>,
    pub(crate) sampler: Sampler,
    pub(crate) registry: Registry,
    /// Somebody is to look how many replicas there should be.
    pub(crate) scaling: Notify,
    /// By boundary: the way into the process that it is.
    #[cfg(feature = "process")]
    pub(crate) gates: Box<[Option<Arc<Gate>>]>,
    #[cfg(feature = "process")]
    pub(crate) boundaries: &'static [BoundarySpec],
    #[cfg(feature = "process")]
    pub(crate) strategy: Strategy,
    /// Whether nothing of it can run at the same time as anything else.
    pub(crate) is_on_one_thread: bool,
    /// By step: whether it has threads of its own.
    apart: Box<[bool]>,
    specs: &'static [StepSpec],
    aborted: OnceLock<Failure>,
    /// What it is inside, if it is.
    outer: OnceLock<Weak<dyn Outer>>,
    is_stopping: AtomicBool,
    stop: Notify,
}

impl Core {
    pub(crate) fn new<T: Topology>() -> Self {
        let (specs, clock) = (T::specs(), Clock::start());
        let numbers = 0..specs.steps.len();
        let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
        Self {
            is_on_one_thread: matches!(flavor, Ok(RuntimeFlavor::CurrentThread)),
            #[cfg(feature = "process")]
            gates: gates(specs, clock.is_paused()),
            #[cfg(feature = "process")]
            boundaries: specs.boundaries,
            #[cfg(feature = "process")]
            strategy: specs.strategy,
            apart: numbers
                .map(|step| specs.threads_of(step).is_some())
                .collect(),
            name: T::NAME,
            has_out: T::End::HAS_OUT,
            may_end: T::End::no_answer().is_some(),
            deadline: T::DEADLINE,
            accounts: Padded::default(),
            spares: Padded::default(),
            timekeeper: Padded::default(),
            sources: Tally::default(),
            outlet: (!T::HAS_IN && T::End::HAS_OUT).then(Outlet::default),
            steps: T::specs().steps.iter().map(|_| Padded::default()).collect(),
            clock,
            limiters: limiters(T::specs().steps),
            sampler: Sampler::default(),
            registry: Registry::default(),
            scaling: Notify::new(),
            specs: T::specs().steps,
            aborted: OnceLock::new(),
            outer: OnceLock::new(),
            is_stopping: AtomicBool::new(false),
            stop: Notify::new(),
        }
    }

    /// Asks the timekeeper to look at the queues then.
    pub(crate) fn arm(&self, at: Tick) {
        if let Some(at) = self.clock.instant(at) {
            self.timekeeper.arm(at);
        }
    }

    pub(crate) fn spec(&self, number: usize) -> &'static StepSpec {
        &self.specs[number]
    }

    pub(crate) fn step_name(&self, number: usize) -> &'static str {
        self.specs[number].name
    }

    /// Whether the step has threads of its own.
    pub(crate) fn is_apart(&self, number: usize) -> bool {
        self.apart[number]
    }

    /// The way into the process that the step is in.
    #[cfg(feature = "process")]
    pub(crate) fn gate_of(&self, number: usize) -> Option<&Arc<Gate>> {
        let mut boundary = self.specs[number].boundary?;
        loop {
            if let Some(gate) = &self.gates[boundary] {
                return Some(gate);
            }
            boundary = self.boundaries[boundary].outer?;
        }
    }

    /// The topology, for a step that may hold a thread of its own beyond the end.
    pub(crate) fn held(self: &Arc<Self>, number: usize) -> Option<Arc<Self>> {
        self.is_apart(number).then(|| Arc::clone(self))
    }

    /// Takes no messages any more and gives up those that are there, and so
    /// does everything around it.
    pub(crate) fn abort(&self, failure: Failure) {
        // The reason first, so that whoever is refused can be told.
        if self.aborted.set(failure.clone()).is_ok() {
            spans::aborted(self.name, &failure);
        }
        if let Some(outer) = self.outer.get().and_then(Weak::upgrade) {
            outer.inner_aborted(failure);
        }
        self.accounts.close();
        self.stop();
    }

    /// Says what it is inside.
    pub(crate) fn belong_to(&self, outer: Weak<dyn Outer>) {
        let _ = self.outer.set(outer);
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

#[cfg(feature = "process")]
fn gates(specs: &Specs, is_paused: bool) -> Box<[Option<Arc<Gate>>]> {
    let numbered = specs.boundaries.iter().enumerate();
    let gates = numbered.map(|(number, spec)| {
        let is_process = spec.isolation == Isolation::Process;
        is_process.then(|| Arc::new(Gate::new(specs, number, is_paused)))
    });
    gates.collect()
}

fn limiters(steps: &[StepSpec]) -> Box<[Option<Limiter>]> {
    let limiters = steps.iter().map(|step| step.rate.map(Limiter::new));
    limiters.collect()
}

impl Outer for Core {
    fn inner_aborted(&self, failure: Failure) {
        self.abort(failure);
    }
}
