//! The topology's end of the socket to a process, and what waits there.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

use tokio::net::UnixStream;
use tokio::sync::{Notify, oneshot};

use super::frame::{Attempt, Frame, Malformed};
use crate::step::BoxError;

/// How many bytes are read at once.
const ROOM: usize = 64 << 10;

/// A connection to a process that has taken over.
pub(crate) struct Link {
    stream: UnixStream,
    table: Mutex<Table>,
    /// There is something to write.
    is_more: Notify,
    /// Why the process is to end, if it is.
    killed: OnceLock<String>,
    is_killed: Notify,
}

#[derive(Default)]
struct Table {
    /// What is to be written.
    said: Vec<u8>,
    /// How many attempts there have been. Their numbers are those of the order in
    /// which they are written.
    last: u64,
    /// The process has begun all up to this one.
    begun: u64,
    waiting: HashMap<u64, Waiting>,
    is_closed: bool,
}

/// Who waits for the end of an attempt.
enum Waiting {
    Outcome(oneshot::Sender<Came>),
    /// Only until the process is not at it any more.
    GivenUp(#[expect(dead_code, reason = "dropped")] oneshot::Sender<()>),
}

/// What came of an attempt in a process.
pub(crate) enum Came {
    Done(Vec<u8>),
    Failed(BoxError, bool),
    Panicked(String),
    /// The process ended while it was at it.
    Died,
    /// The process ended before it began.
    NotBegun,
}

impl Link {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            table: Mutex::default(),
            is_more: Notify::new(),
            killed: OnceLock::new(),
            is_killed: Notify::new(),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the process make an attempt; its number is given here.
    ///
    /// # Errors
    ///
    /// If the message is too long.
    pub(crate) fn attempt(
        self: &Arc<Self>,
        mut attempt: Attempt,
        message: &[u8],
    ) -> Result<Crossing, Malformed> {
        let (sender, outcome) = oneshot::channel();
        let mut table = self.table();
        let id = table.last + 1;
        attempt.id = id;
        if table.is_closed {
            let _ = sender.send(Came::NotBegun);
        } else {
            Frame::Attempt(attempt, message).write(&mut table.said)?;
            table.last = id;
            table.waiting.insert(id, Waiting::Outcome(sender));
        }
        drop(table);
        self.is_more.notify_one();
        Ok(Crossing {
            link: Arc::clone(self),
            id,
            outcome,
            is_over: false,
        })
    }

    /// Asks the process to end.
    pub(super) fn end(&self) {
        let _ = Frame::End.write(&mut self.table().said);
        self.is_more.notify_one();
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

    /// Reads and writes until the process closes the connection. Cancellation
    /// safe, but for what is half read by then.
    ///
    /// # Errors
    ///
    /// If the process writes what is no frame, or none that it may write.
    pub(super) async fn serve(&self, is_ready: impl Fn()) -> io::Result<()> {
        let mut reading = pin!(self.read(is_ready));
        let mut writing = pin!(self.write());
        poll_fn(|context| {
            if let Poll::Ready(end) = reading.as_mut().poll(context) {
                return Poll::Ready(end);
            }
            match writing.as_mut().poll(context) {
                // What it has said before it ended is still to be read.
                Poll::Ready(_) | Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    async fn write(&self) -> io::Result<()> {
        let mut spare = Vec::new();
        loop {
            let mut said = std::mem::replace(&mut self.table().said, spare);
            let mut written = 0;
            while written < said.len() {
                match self.stream.try_write(&said[written..]) {
                    Ok(more) => written += more,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        self.stream.writable().await?;
                    }
                    Err(error) => return Err(error),
                }
            }
            if said.is_empty() {
                self.is_more.notified().await;
            }
            said.clear();
            spare = said;
        }
    }

    async fn read(&self, is_ready: impl Fn()) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut filled = 0;
        loop {
            if bytes.len() < filled + ROOM {
                bytes.resize(filled + ROOM, 0);
            }
            match self.stream.try_read(&mut bytes[filled..]) {
                Ok(0) => return Ok(()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.stream.readable().await?;
                    continue;
                }
                // It has ended with something unread.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
                Err(error) => return Err(error),
            }
            let mut begin = 0;
            let mut table = self.table();
            while let Some((frame, length)) = Frame::read(&bytes[begin..filled])
                .map_err(|error| io::Error::other(format!("it wrote {error}")))?
            {
                match frame {
                    Frame::Ready => is_ready(),
                    frame => table.hear(frame)?,
                }
                begin += length;
            }
            drop(table);
            bytes.copy_within(begin..filled, 0);
            filled -= begin;
        }
    }

    /// The process has ended: whoever waits for it is told.
    pub(super) fn close(&self) {
        let mut table = self.table();
        table.is_closed = true;
        let (begun, waiting) = (table.begun, std::mem::take(&mut table.waiting));
        drop(table);
        for (id, waiting) in waiting {
            if let Waiting::Outcome(sender) = waiting {
                let _ = sender.send(if id <= begun {
                    Came::Died
                } else {
                    Came::NotBegun
                });
            }
        }
    }
}

impl Table {
    fn hear(&mut self, frame: Frame<'_>) -> io::Result<()> {
        let (id, came) = match frame {
            Frame::Begun(id) => {
                self.begun = self.begun.max(id.min(self.last));
                return Ok(());
            }
            Frame::Done(id, output) => (id, Came::Done(output.to_vec())),
            Frame::Failed(id, refused) => {
                let error = Remote::of(&refused.texts);
                (id, Came::Failed(error, refused.may_retry))
            }
            Frame::Panicked(id, text) => (id, Came::Panicked(text.to_owned())),
            // It is not at it any more: that was asked for, or its task is gone.
            Frame::GivenUp(id) => (id, Came::Panicked("it ended without an outcome".to_owned())),
            other => {
                return Err(io::Error::other(format!(
                    "it wrote {other:?}, which is no answer"
                )));
            }
        };
        if let Some(Waiting::Outcome(sender)) = self.waiting.remove(&id) {
            let _ = sender.send(came);
        }
        Ok(())
    }
}

/// An attempt in a process. Dropped, it is given up.
pub(crate) struct Crossing {
    link: Arc<Link>,
    id: u64,
    outcome: oneshot::Receiver<Came>,
    is_over: bool,
}

impl Crossing {
    /// Nobody waits for it any more. What comes back ends when the process is not
    /// at it any more, or has ended.
    pub(crate) fn give_up(mut self) -> oneshot::Receiver<()> {
        self.given_up()
    }

    fn given_up(&mut self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.is_over = true;
        let mut table = self.link.table();
        // One that is not there any more has ended.
        if let Some(waiting) = table.waiting.get_mut(&self.id) {
            *waiting = Waiting::GivenUp(sender);
            let _ = Frame::GiveUp(self.id).write(&mut table.said);
            drop(table);
            self.link.is_more.notify_one();
        }
        receiver
    }

    /// The connection that it is on.
    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }
}

impl Future for Crossing {
    type Output = Came;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Came> {
        let came = std::task::ready!(Pin::new(&mut self.outcome).poll(context));
        self.is_over = true;
        // Nobody lets go of the sender but where it is told.
        Poll::Ready(came.unwrap_or(Came::Died))
    }
}

impl Drop for Crossing {
    fn drop(&mut self) {
        if !self.is_over {
            drop(self.given_up());
        }
    }
}

/// An error of a step in a process, and its sources: their texts are here.
#[derive(Debug)]
struct Remote {
    text: String,
    source: Option<Box<Remote>>,
}

impl Remote {
    fn of(texts: &[&str]) -> BoxError {
        let mut source = None;
        for text in texts.iter().skip(1).rev() {
            source = Some(Box::new(Self {
                text: (*text).to_owned(),
                source,
            }));
        }
        let text = texts.first().copied().unwrap_or_default().to_owned();
        Box::new(Self { text, source })
    }
}

impl std::fmt::Display for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Remote {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::message::TraceContext;

    fn attempt() -> Attempt {
        Attempt {
            id: 0,
            step: 0,
            replica: 0,
            number: 1,
            trace: TraceContext::root(),
            remaining: None,
            deadline: None,
        }
    }

    /// What the link makes of that, from a process that closes the connection
    /// behind it.
    async fn heard(said: &[u8], attempts: usize) -> (io::Result<()>, Vec<Came>) {
        let (near, far) = UnixStream::pair().unwrap();
        let link = Arc::new(Link::new(near));
        let waiting: Vec<_> = (0..attempts)
            .map(|_| link.attempt(attempt(), b"").unwrap())
            .collect();
        let mut said = said;
        while !said.is_empty() {
            far.writable().await.unwrap();
            let written = far.try_write(said).unwrap();
            said = &said[written..];
        }
        drop(far);
        let end = link.serve(|| ()).await;
        link.close();
        let mut came = Vec::new();
        for crossing in waiting {
            came.push(crossing.await);
        }
        (end, came)
    }

    fn frames(frames: &[Frame<'_>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for frame in frames {
            frame.write(&mut bytes).unwrap();
        }
        bytes
    }

    #[tokio::test]
    async fn what_was_begun_has_died_and_what_was_not_has_not() {
        let said = frames(&[Frame::Ready, Frame::Begun(2), Frame::Done(1, b"one")]);
        let (end, came) = heard(&said, 3).await;
        end.unwrap();
        assert!(matches!(&came[0], Came::Done(output) if output == b"one"));
        assert!(matches!(came[1], Came::Died));
        assert!(matches!(came[2], Came::NotBegun));
    }

    #[tokio::test]
    async fn nothing_begins_where_the_process_has_ended() {
        let (near, _far) = UnixStream::pair().unwrap();
        let link = Arc::new(Link::new(near));
        link.close();
        let crossing = link.attempt(attempt(), b"").unwrap();
        assert!(matches!(crossing.await, Came::NotBegun));
    }

    #[tokio::test]
    async fn what_is_no_frame_or_no_answer_ends_the_connection() {
        let too_long = u32::MAX.to_le_bytes().to_vec();
        let no_kind = vec![1, 0, 0, 0, 200];
        let no_answer = frames(&[Frame::GiveUp(1)]);
        for said in [too_long, no_kind, no_answer] {
            let (end, came) = heard(&said, 1).await;
            assert!(end.unwrap_err().to_string().starts_with("it wrote "));
            assert!(matches!(came[0], Came::NotBegun));
        }
    }

    #[tokio::test]
    async fn a_frame_that_is_cut_short_is_no_answer() {
        let said = frames(&[Frame::Begun(1), Frame::Done(1, b"answer")]);
        let (end, came) = heard(&said[..said.len() - 1], 1).await;
        end.unwrap();
        assert!(matches!(came[0], Came::Died));
    }

    #[tokio::test]
    async fn whoever_gives_up_learns_when_the_process_is_not_at_it_any_more() {
        let (near, far) = UnixStream::pair().unwrap();
        let link = Arc::new(Link::new(near));
        let mut ended = link.attempt(attempt(), b"").unwrap().give_up();
        let served = tokio::spawn({
            let link = Arc::clone(&link);
            async move { link.serve(|| ()).await }
        });
        let waited = tokio::time::timeout(Duration::from_millis(1), &mut ended);
        assert!(waited.await.is_err());
        far.try_write(&frames(&[Frame::GivenUp(1)])).unwrap();
        assert!(ended.await.is_err(), "nothing is said, it is over");
        drop(far);
        served.await.unwrap().unwrap();
    }
}
