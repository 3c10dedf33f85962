//! Where attempts find the process that makes them.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, watch};

use super::link::Link;
use crate::boundary::hold::Hold;
use crate::boundary::{BoundarySpec, Codec};

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
    pub(crate) fn new(spec: &BoundarySpec, is_paused: bool) -> Self {
        Self {
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

    /// Waits until a process is there. Cancellation safe.
    pub(crate) async fn link(&self) -> Arc<Link> {
        if let Some(link) = &*self.link.borrow() {
            return Arc::clone(link);
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
            Pass::Alone(self.room.write().await)
        } else {
            Pass::BesideOthers(self.room.read().await)
        }
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
