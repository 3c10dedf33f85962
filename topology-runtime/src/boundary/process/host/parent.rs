//! The process's end of the socket to its parent.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// Writes to the parent: what is said while something is being written is written
/// together behind it.
pub(super) struct Parent {
    said: Mutex<Vec<u8>>,
    /// Something was said that its speaker does not write.
    is_more: Condvar,
    stream: Mutex<UnixStream>,
    /// How many lines are at work.
    working: AtomicUsize,
}

impl Parent {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self {
            said: Mutex::default(),
            is_more: Condvar::new(),
            stream: Mutex::new(stream),
            working: AtomicUsize::new(0),
        }
    }

    /// A line is at work until what comes back is dropped.
    pub(super) fn works(&self) -> Working<'_> {
        self.working.fetch_add(1, Ordering::AcqRel);
        Working(self)
    }

    /// Says what `frames` has, and leaves nothing there. Where only one line is at
    /// work nobody else has to be woken to write it, and where there are others
    /// nobody is kept from them.
    pub(super) fn say(&self, frames: &mut Vec<u8>) {
        if frames.is_empty() {
            return;
        }
        self.said().append(frames);
        if self.working.load(Ordering::Acquire) <= 1 {
            end_if_alone(self.write());
        } else {
            self.is_more.notify_one();
        }
    }

    /// Writes all that was said.
    fn write(&self) -> io::Result<()> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let said = std::mem::take(&mut *self.said());
            if said.is_empty() {
                return Ok(());
            }
            write_all(&mut stream, &said)?;
        }
    }

    /// What the thread does that writes for the others.
    pub(super) fn write_for_others(&self) {
        loop {
            let said = self.said();
            let said = self.is_more.wait_while(said, |said| said.is_empty());
            drop(said.unwrap_or_else(PoisonError::into_inner));
            end_if_alone(self.write());
        }
    }

    fn said(&self) -> MutexGuard<'_, Vec<u8>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes all, and waits for room where there is none.
fn write_all(stream: &mut UnixStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                poll(&mut [PollFd::new(stream, PollFlags::OUT)], None)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
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
