//! The process's end of the socket to its parent.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::super::progress::Time;

/// How long what was said may wait for more to be said, in nanoseconds.
const SOON: u64 = 20_000;

/// How many bytes of it may.
const PLENTY: usize = 8 << 10;

/// How long it may wait where whoever said it is at something that takes longer.
const LATEST: Duration = Duration::from_millis(1);

/// Writes to the parent: what is said while something is being written is written
/// together behind it.
pub(super) struct Parent {
    said: Mutex<Said>,
    /// There is something for the thread that writes for the others.
    is_more: Condvar,
    writer: Mutex<Writer>,
    /// How many lines are at work.
    working: AtomicUsize,
}

/// What was said and is not being written.
struct Said {
    frames: Vec<u8>,
    /// Since when.
    since: Time,
    /// How often all was taken to be written.
    taken: u64,
    /// Whoever said it does not write it.
    is_left: bool,
    /// The thread that writes for the others does not look.
    is_asleep: bool,
}

struct Writer {
    stream: UnixStream,
    frames: Vec<u8>,
}

impl Parent {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self {
            said: Mutex::new(Said {
                frames: Vec::new(),
                since: Time::NEVER,
                taken: 0,
                is_left: false,
                is_asleep: false,
            }),
            is_more: Condvar::new(),
            writer: Mutex::new(Writer {
                stream,
                frames: Vec::new(),
            }),
            working: AtomicUsize::new(0),
        }
    }

    /// A line is at work until what comes back is dropped.
    pub(super) fn works(&self) -> Working<'_> {
        self.working.fetch_add(1, Ordering::AcqRel);
        Working(self)
    }

    /// Says what `frames` has, and leaves nothing there. More may be said behind it
    /// before it is written.
    pub(super) fn says(&self, frames: &mut Vec<u8>, now: Time) {
        let mut said = self.said();
        let is_first = said.frames.is_empty();
        said.frames.append(frames);
        if is_first {
            said.since = now;
        }
        let is_due = said.frames.len() >= PLENTY || now.since(said.since) >= SOON;
        let wakes = is_first && said.is_asleep;
        drop(said);
        if is_due {
            self.say();
        } else if wakes {
            self.is_more.notify_one();
        }
    }

    /// Writes what was said. Where only one line is at work nobody else has to be woken
    /// for it, and where there are others nobody is kept from them.
    pub(super) fn say(&self) {
        if self.working.load(Ordering::Acquire) <= 1 {
            end_if_alone(self.write());
            return;
        }
        let mut said = self.said();
        if !said.frames.is_empty() && !said.is_left {
            said.is_left = true;
            drop(said);
            self.is_more.notify_one();
        }
    }

    /// Writes all that was said.
    fn write(&self) -> io::Result<()> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Writer { stream, frames } = &mut *writer;
        loop {
            frames.clear();
            let mut said = self.said();
            std::mem::swap(&mut said.frames, frames);
            said.taken += 1;
            said.is_left = false;
            drop(said);
            if frames.is_empty() {
                return Ok(());
            }
            stream.write_all(frames)?;
        }
    }

    /// What the thread does that writes for the others: what they have left to it, and
    /// what they did not come to write.
    pub(super) fn write_for_others(&self) {
        loop {
            let mut said = self.said();
            said.is_asleep = true;
            let said = self.is_more.wait_while(said, |said| said.frames.is_empty());
            let mut said = said.unwrap_or_else(PoisonError::into_inner);
            said.is_asleep = false;
            let taken = said.taken;
            let waits = |said: &mut Said| said.taken == taken && !said.is_left;
            let waited = self.is_more.wait_timeout_while(said, LATEST, waits);
            let (said, _) = waited.unwrap_or_else(PoisonError::into_inner);
            let is_due = said.taken == taken || said.is_left;
            drop(said);
            if is_due {
                end_if_alone(self.write());
            }
        }
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until the parent has closed the connection.
pub(super) fn wait_for_end(stream: &UnixStream) {
    #[cfg(target_os = "linux")]
    let closed = PollFlags::RDHUP;
    // Where that is all there is, it is said without being asked for.
    #[cfg(not(target_os = "linux"))]
    let closed = PollFlags::HUP;
    while poll(&mut [PollFd::new(stream, closed)], None) == Err(Errno::INTR) {}
}

/// A line that is at work.
pub(super) struct Working<'p>(&'p Parent);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::AcqRel);
        if std::thread::panicking() {
            // Whatever it had begun would not be answered any more.
            std::process::exit(101);
        }
    }
}

/// Without its parent a process has nothing to do.
fn end_if_alone<T>(result: io::Result<T>) -> T {
    result.unwrap_or_else(|_| std::process::exit(0))
}
