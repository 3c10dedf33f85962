//! Where attempts find the process that makes them.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, watch};

use super::link::Link;
use crate::boundary::Codec;
use crate::boundary::hold::Hold;
use crate::budget::Specs;

/// The way into a process, which may be another one each time.
pub(crate) struct Gate {
    pub(crate) codec: Codec,
    /// The longest that a message may wait for the process.
    pub(crate) start: Duration,
    link: watch::Sender<Option<Arc<Link>>>,
    /// How the last one ended, if one has.
    ended: Mutex<Option<Arc<str>>>,
    /// Attempts share the process, but for those that have it alone.
    room: RwLock<()>,
    /// How many want it alone.
    alone: AtomicUsize,
    /// The steps that are in the process, and how many replicas one has at most.
    steps: Box<[usize]>,
    replicas: usize,
    is_paused: bool,
    /// 0 while there is none.
    pid: AtomicU32,
    restarts: AtomicU64,
}

/// Who has the process for an attempt, until it is dropped.
pub(crate) enum Pass<'g> {
    BesideOthers(#[expect(dead_code, reason = "dropped")] RwLockReadGuard<'g, ()>),
    Alone(#[expect(dead_code, reason = "dropped")] RwLockWriteGuard<'g, ()>),
}

impl Gate {
    /// For a process that is that boundary of a topology.
    pub(crate) fn new(specs: &Specs, boundary: usize, is_paused: bool) -> Self {
        let spec = &specs.boundaries[boundary];
        let steps = (0..specs.steps.len()).filter(|step| specs.process_of(*step) == Some(boundary));
        // A step that is called has as many as the one that calls.
        let replicas = specs.steps.iter().map(|step| step.replicas).max();
        Self {
            steps: steps.collect(),
            replicas: replicas.unwrap_or(1),
            alone: AtomicUsize::new(0),
            codec: spec.codec,
            start: spec.start,
            link: watch::Sender::new(None),
            ended: Mutex::default(),
            room: RwLock::default(),
            is_paused,
            pid: AtomicU32::new(0),
            restarts: AtomicU64::new(0),
        }
    }

    /// How many lines lead into the process.
    pub(super) fn lines(&self) -> usize {
        self.steps.len() * self.replicas
    }

    /// The line of a replica of a step.
    pub(crate) fn line(&self, step: usize, replica: u32) -> u32 {
        let position = self.steps.iter().position(|own| *own == step);
        let before = position.unwrap_or(0) * self.replicas;
        u32::try_from(before)
            .unwrap_or(u32::MAX)
            .saturating_add(replica)
    }

    /// The process, if one is there.
    pub(crate) fn link_now(&self) -> Option<Arc<Link>> {
        self.link.borrow().clone()
    }

    /// Waits until a process is there. Cancellation safe.
    pub(crate) async fn link(&self) -> Arc<Link> {
        if let Some(link) = self.link_now() {
            return link;
        }
        let mut links = self.link.subscribe();
        loop {
            // The sender is ours.
            if let Ok(link) = links.wait_for(Option::is_some).await
                && let Some(link) = &*link
            {
                return Arc::clone(link);
            }
        }
    }

    /// Waits until an attempt may begin beside others, or alone. Who does not want
    /// to wait any longer may begin without; cancellation safe.
    pub(crate) async fn pass(&self, is_alone: bool) -> Pass<'_> {
        if is_alone {
            let _wanted = Wanted::begin(&self.alone);
            Pass::Alone(self.room.write().await)
        } else {
            Pass::BesideOthers(self.room.read().await)
        }
    }

    /// Whether attempts may begin beside others right now.
    pub(crate) fn pass_now(&self) -> Option<Pass<'_>> {
        self.room.try_read().ok().map(Pass::BesideOthers)
    }

    /// Whether somebody waits to have it alone.
    pub(crate) fn is_wanted_alone(&self) -> bool {
        self.alone.load(Ordering::Relaxed) > 0
    }

    /// Whether time stands still while the process is at work.
    pub(crate) fn is_paused(&self) -> bool {
        self.is_paused
    }

    pub(super) fn open(&self, link: &Arc<Link>) {
        self.link.send_replace(Some(Arc::clone(link)));
    }

    /// No attempt begins there any more.
    pub(super) fn close(&self) {
        self.link.send_replace(None);
    }

    /// How the last process ended.
    pub(crate) fn ended(&self) -> String {
        self.last_end()
            .unwrap_or_else(|| "it has not started yet".to_owned())
    }

    /// The same, if one has.
    pub(crate) fn last_end(&self) -> Option<String> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.as_deref().map(str::to_owned)
    }

    pub(super) fn say_ended(&self, how: &Arc<str>) {
        self.pid.store(0, Ordering::Relaxed);
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(how));
    }

    pub(super) fn started(&self, pid: u32) {
        self.pid.store(pid, Ordering::Relaxed);
    }

    /// The process of this moment; `None` while there is none.
    pub(crate) fn pid(&self) -> Option<u32> {
        Some(self.pid.load(Ordering::Relaxed)).filter(|pid| *pid != 0)
    }

    /// Another process begins in the place of one.
    pub(crate) fn restarts(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn restarted(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// A paused clock stands still until what comes back is dropped: there is work
    /// that the runtime does not know of.
    pub(crate) fn hold(&self) -> Option<Hold> {
        self.is_paused.then(|| Hold::begin(&Handle::current()))
    }
}

/// Somebody wants to have the process alone, until this is dropped.
struct Wanted<'g>(&'g AtomicUsize);

impl<'g> Wanted<'g> {
    fn begin(wanted: &'g AtomicUsize) -> Self {
        wanted.fetch_add(1, Ordering::Relaxed);
        Self(wanted)
    }
}

impl Drop for Wanted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
