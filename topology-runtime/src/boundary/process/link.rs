//! The topology's end of the socket to a process, and what comes and goes there.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::UnixStream;
use tokio::net::unix::{ReadHalf, WriteHalf};
use tokio::sync::Notify;

use super::frame::{Frame, Runs};
use super::progress::Progress;

#[cfg(test)]
mod tests;

/// How many bytes are read at once.
const ROOM: usize = 64 << 10;

/// A connection to a process that has taken over.
pub(crate) struct Link {
    /// What the process has begun.
    pub(super) progress: Progress,
    /// What is to be written.
    said: Mutex<Vec<u8>>,
    /// There is something to write.
    is_more: Notify,
    /// By line: what has come, and who waits for it.
    came: Box<[Mutex<Came>]>,
    /// Why the process is to end, if it is.
    killed: OnceLock<String>,
    is_killed: Notify,
}

/// What has come on a line.
#[derive(Default)]
struct Came {
    /// Whole frames.
    frames: Vec<u8>,
    waiting: Option<Waker>,
    is_closed: bool,
}

impl Link {
    pub(super) fn new(progress: Progress) -> Self {
        let came = std::iter::repeat_with(Mutex::default).take(progress.lines());
        Self {
            came: came.collect(),
            progress,
            said: Mutex::default(),
            is_more: Notify::new(),
            killed: OnceLock::new(),
            is_killed: Notify::new(),
        }
    }

    fn said(&self) -> MutexGuard<'_, Vec<u8>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn came(&self, line: u32) -> MutexGuard<'_, Came> {
        let came = self.came[line as usize].lock();
        came.unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what `frames` has, and leaves nothing there. It is written together with
    /// what others say.
    pub(super) fn say(&self, frames: &mut Vec<u8>) {
        self.said().append(frames);
        self.is_more.notify_one();
    }

    /// How many bytes were said and are not being written.
    pub(super) fn is_said(&self) -> usize {
        self.said().len()
    }

    /// Asks the process to end.
    pub(super) fn end(&self) {
        let mut frames = Vec::new();
        let _ = Frame::End.write(&mut frames);
        self.say(&mut frames);
    }

    /// What has come on a line since this was asked last, in exchange for nothing:
    /// `frames` is empty. `false` if nothing more will.
    pub(super) fn poll_came(
        &self,
        line: u32,
        frames: &mut Vec<u8>,
        context: &Context<'_>,
    ) -> Poll<bool> {
        let mut came = self.came(line);
        if !came.frames.is_empty() {
            std::mem::swap(&mut came.frames, frames);
            return Poll::Ready(true);
        }
        if came.is_closed {
            return Poll::Ready(false);
        }
        let is_known = |waker: &Waker| waker.will_wake(context.waker());
        if !came.waiting.as_ref().is_some_and(is_known) {
            came.waiting = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// The process is to end, because of that. It is restarted as if it had ended by
    /// itself.
    pub(crate) fn kill(&self, why: String) {
        let _ = self.killed.set(why);
        self.is_killed.notify_one();
    }

    /// Waits until somebody wants the process to end. Cancellation safe; for one
    /// who waits.
    pub(super) async fn killed(&self) -> &str {
        loop {
            if let Some(why) = self.killed.get() {
                return why;
            }
            self.is_killed.notified().await;
        }
    }

    /// Reads and writes until the process closes the connection. Not cancellation
    /// safe: what is half read by then is lost.
    ///
    /// # Errors
    ///
    /// If the process writes what is no frame, or none that it may write.
    pub(super) async fn serve(
        &self,
        mut stream: UnixStream,
        is_ready: impl Fn(),
    ) -> io::Result<()> {
        let (reader, writer) = stream.split();
        let mut reading = pin!(self.read(reader, is_ready));
        let mut writing = pin!(self.write(writer));
        let mut is_writing = true;
        poll_fn(|context| {
            if let Poll::Ready(end) = reading.as_mut().poll(context) {
                return Poll::Ready(end);
            }
            // Where nothing can be written any more, what the process has said before
            // it ended is still to be read.
            is_writing = is_writing && writing.as_mut().poll(context).is_pending();
            Poll::Pending
        })
        .await
    }

    async fn write(&self, writer: WriteHalf<'_>) -> io::Result<()> {
        let mut frames = Vec::new();
        loop {
            frames.clear();
            std::mem::swap(&mut *self.said(), &mut frames);
            if frames.is_empty() {
                self.is_more.notified().await;
            }
            let mut written = 0;
            while written < frames.len() {
                match writer.try_write(&frames[written..]) {
                    Ok(more) => written += more,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        writer.writable().await?;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }

    async fn read(&self, mut reader: ReadHalf<'_>, is_ready: impl Fn()) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut filled = 0;
        loop {
            if bytes.len() < filled + ROOM {
                bytes.resize(filled + ROOM, 0);
            }
            // Not by `try_read`: that would be asked once more each time.
            let mut room = ReadBuf::new(&mut bytes[filled..]);
            let read = poll_fn(|context| Pin::new(&mut reader).poll_read(context, &mut room));
            match read.await {
                Ok(()) if room.filled().is_empty() => return Ok(()),
                Ok(()) => filled += room.filled().len(),
                // It has ended with something unread.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
                Err(error) => return Err(error),
            }
            let read = self
                .hear(&bytes[..filled], &is_ready)
                .map_err(|what| io::Error::other(format!("it wrote {what}")))?;
            bytes.copy_within(read..filled, 0);
            filled -= read;
        }
    }

    /// Takes the whole frames at the beginning to where they are waited for, and says
    /// how long they were.
    fn hear(&self, bytes: &[u8], is_ready: impl Fn()) -> Result<usize, String> {
        let mut runs = Runs::of(bytes);
        while let Some(run) = runs.next().map_err(|error| error.to_string())? {
            match run.line {
                Some(_) if run.are_attempts => {
                    return Err("an attempt, which is no answer".to_owned());
                }
                Some(line) if line as usize >= self.came.len() => {
                    return Err(format!("of a line {line}, which there is not"));
                }
                Some(line) => self.bring(line, run.frames),
                None => match Frame::read(run.frames) {
                    Ok(Some((Frame::Ready, _))) => is_ready(),
                    other => return Err(format!("{other:?}, which is no answer")),
                },
            }
        }
        Ok(runs.read)
    }

    fn bring(&self, line: u32, frames: &[u8]) {
        let mut came = self.came(line);
        came.frames.extend_from_slice(frames);
        let waiting = came.waiting.take();
        drop(came);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// The process has ended: whoever waits for it is told.
    pub(super) fn close(&self) {
        for came in &self.came {
            let mut came = came.lock().unwrap_or_else(PoisonError::into_inner);
            came.is_closed = true;
            let waiting = came.waiting.take();
            drop(came);
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}
