//! The tasks of a boundary, and which of them are to be polled.
//!
//! All threads take from one queue: where one of them is held by a long step,
//! the others go on with whatever there is.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Wake as _;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::hold::Hold;
use super::job::{Ended, Job, Work};

pub(super) struct Pool {
    tasks: Mutex<Tasks>,
    /// One more is to be polled, or nothing ever again.
    changed: Condvar,
    /// Where the clock is held while there is work, if it is paused.
    paused: Option<Handle>,
}

#[derive(Default)]
struct Tasks {
    /// All that have not ended.
    all: Vec<Arc<Job>>,
    woken: VecDeque<Arc<Job>>,
    /// How many are woken, or being polled.
    at_work: usize,
    /// How many threads have nothing to do.
    idle: usize,
    /// How many threads there are.
    threads: usize,
    is_closed: bool,
    hold: Option<Hold>,
}

impl Pool {
    /// For so many threads.
    pub(super) fn new(threads: usize, paused: Option<Handle>) -> Self {
        Self {
            tasks: Mutex::new(Tasks {
                threads,
                ..Tasks::default()
            }),
            changed: Condvar::new(),
            paused,
        }
    }

    /// Runs something until it ends, or the pool is closed.
    pub(super) fn start(self: &Arc<Self>, work: Work) -> oneshot::Receiver<Ended> {
        let (ended, receiver) = oneshot::channel();
        let job = Job::new(Arc::clone(self), work, ended);
        let mut tasks = self.tasks();
        if tasks.is_closed {
            drop(tasks);
            job.give_up();
            return receiver;
        }
        tasks.all.push(Arc::clone(&job));
        drop(tasks);
        job.wake();
        receiver
    }

    /// A task is to be polled.
    pub(super) fn push(&self, job: Arc<Job>) {
        let mut tasks = self.tasks();
        if tasks.is_closed {
            return;
        }
        tasks.woken.push_back(job);
        tasks.at_work += 1;
        if tasks.hold.is_none() {
            tasks.hold = self.paused.as_ref().map(Hold::begin);
        }
        if tasks.idle > 0 {
            self.changed.notify_one();
        }
    }

    /// What each of the threads does, until the pool is closed. The last to leave
    /// drops what is left of the tasks.
    pub(super) fn run(&self) {
        let mut tasks = self.tasks();
        while !tasks.is_closed {
            let Some(job) = tasks.woken.pop_front() else {
                tasks.idle += 1;
                let woken = self.changed.wait(tasks);
                tasks = woken.unwrap_or_else(PoisonError::into_inner);
                tasks.idle -= 1;
                continue;
            };
            drop(tasks);
            let is_over = job.poll();
            tasks = self.tasks();
            tasks.polled(&job, is_over);
        }
        leave(tasks);
    }

    /// So many of the threads are not there.
    pub(super) fn lacks(&self, threads: usize) {
        for _ in 0..threads {
            leave(self.tasks());
        }
    }

    /// Has the threads leave as soon as they have done what they are at.
    pub(super) fn close(&self) {
        self.tasks().is_closed = true;
        self.changed.notify_all();
    }

    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tasks {
    fn polled(&mut self, job: &Arc<Job>, is_over: bool) {
        self.at_work -= 1;
        if self.at_work == 0 {
            self.hold = None;
        }
        if is_over {
            self.all.retain(|other| !Arc::ptr_eq(other, job));
        }
    }
}

/// A thread leaves, or was never there.
fn leave(mut tasks: MutexGuard<'_, Tasks>) {
    tasks.threads -= 1;
    if tasks.threads > 0 {
        return;
    }
    tasks.woken.clear();
    let left = std::mem::take(&mut tasks.all);
    let hold = tasks.hold.take();
    drop(tasks);
    for job in left {
        job.give_up();
    }
    drop(hold);
}
