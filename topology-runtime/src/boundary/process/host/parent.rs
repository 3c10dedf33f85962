//! The process's end of the socket to its parent.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::super::frame::{Frame, Malformed};

/// Writes to the parent: what is said while something is being written is written
/// together behind it.
pub(super) struct Parent {
    said: Mutex<Vec<u8>>,
    /// Something was said that its speaker does not write.
    is_more: Condvar,
    stream: Mutex<UnixStream>,
    /// How many attempts have not ended.
    pub(super) running: AtomicUsize,
}

impl Parent {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self {
            said: Mutex::default(),
            is_more: Condvar::new(),
            stream: Mutex::new(stream),
            running: AtomicUsize::new(0),
        }
    }

    /// Says something, which is written when this comes back.
    pub(super) fn say(&self, frame: &Frame<'_>) -> io::Result<()> {
        self.append(frame)
            .map_err(|error| io::Error::other(error.to_string()))?;
        self.write()
    }

    /// Says what an attempt came to. Where it was the only one nobody else has to
    /// be woken to write it, and where there are others nobody is kept from them.
    ///
    /// # Errors
    ///
    /// If it is too long.
    pub(super) fn say_end(&self, frame: &Frame<'_>) -> Result<(), Malformed> {
        self.append(frame)?;
        if self.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            end_if_alone(self.write());
        } else {
            self.is_more.notify_one();
        }
        Ok(())
    }

    fn append(&self, frame: &Frame<'_>) -> Result<(), Malformed> {
        frame.write(&mut self.said())
    }

    /// Writes all that was said.
    fn write(&self) -> io::Result<()> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let said = std::mem::take(&mut *self.said());
            if said.is_empty() {
                return Ok(());
            }
            stream.write_all(&said)?;
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

/// Without its parent a process has nothing to do.
pub(super) fn end_if_alone<T>(result: io::Result<T>) -> T {
    result.unwrap_or_else(|_| std::process::exit(0))
}
