//! The way of one replica into a process, and back.
//!
//! Attempts go in one behind the other, the process makes them one after the other,
//! and what they came to comes back in the same order. Several may be on their way
//! at once; those that the process has not begun can be called back at any time. Of
//! what was sent behind one that did not end well the process begins nothing.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::frame::{Attempt, Ended, Frame, Malformed, Outcome, Which};
use super::link::Link;
use super::progress::Time;
use crate::step::BoxError;

#[cfg(test)]
mod tests;

/// Dropped, it gives up what it has sent.
pub(crate) struct Line {
    link: Arc<Link>,
    number: u32,
    epoch: u32,
    /// How many attempts were sent in this epoch, but for those called back.
    sent: u32,
    /// How many of them have ended.
    ended: u32,
    /// How many bytes each of those has that have not ended, and all together.
    sizes: VecDeque<usize>,
    size: usize,
    /// The epoch is over: what is sent next begins another.
    is_recalled: bool,
    /// An attempt that nobody waits for, and that the process may still be at.
    given_up: Option<Which>,
    /// What is to be said, and how many attempts that is.
    said: Vec<u8>,
    unsaid: usize,
    /// What has come, and how much of it was looked at.
    came: Vec<u8>,
    read: usize,
    is_closed: bool,
}

/// What came of an attempt.
#[derive(Debug)]
pub(crate) enum Came {
    /// It returned what stands there; see [`Line::bytes`].
    Done(Range<usize>),
    Failed(BoxError, bool),
    Panicked(String),
}

/// What comes next on a line.
#[derive(Debug)]
pub(crate) enum Next {
    /// The oldest attempt that was sent has ended; when it began, and how long it
    /// took, in nanoseconds.
    Ended { came: Came, began: Time, took: u64 },
    /// The process begins nothing more of what was sent.
    Stopped,
    /// Nothing has come yet.
    Nothing,
    /// The process has ended.
    Closed,
}

/// How many bytes may be on their way, or wait to be written, before nothing more is
/// sent ahead.
const PLENTY: usize = 256 << 10;

/// How many attempts a process has enough to do with until it is given more, if each
/// takes as little as it can.
const ENOUGH: usize = 256;

/// How many attempts an epoch has at most.
const MOST: u32 = u32::MAX / 2;

impl Line {
    pub(crate) fn new(link: Arc<Link>, number: u32) -> Self {
        // What somebody sent who had the line before is not begun any more.
        let epoch = loop {
            let epoch = link.progress.begun(number).0.epoch;
            if link.progress.recall(number, epoch).is_some() {
                break epoch.wrapping_add(1);
            }
        };
        Self {
            link,
            number,
            epoch,
            sent: 0,
            ended: 0,
            sizes: VecDeque::new(),
            size: 0,
            is_recalled: false,
            given_up: None,
            said: Vec::new(),
            unsaid: 0,
            came: Vec::new(),
            read: 0,
            is_closed: false,
        }
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// How many attempts were sent and have not ended.
    pub(crate) fn on_the_way(&self) -> usize {
        (self.sent - self.ended) as usize
    }

    /// Whether the process is at no attempt at all, neither this line's nor another's.
    pub(crate) fn is_idle(&self) -> bool {
        !self.link.progress.is_at_work()
    }

    /// Whether the process may be at an attempt that was given up.
    pub(crate) fn is_taken(&self) -> bool {
        self.given_up.is_some()
    }

    /// Whether something more can be sent right now.
    pub(crate) fn has_room(&self) -> bool {
        let has_epoch = self.on_the_way() == 0 || !self.is_recalled && self.sent < MOST;
        has_epoch && !self.is_closed && self.size < PLENTY
    }

    /// Whether the process reads what is said to it.
    pub(crate) fn is_read(&self) -> bool {
        self.link.is_said() < PLENTY
    }

    /// Sends an attempt, with the message that `write` appends, as soon as all is
    /// said: see [`Line::say`].
    ///
    /// # Errors
    ///
    /// If the message cannot be written, or is too long.
    #[inline]
    pub(crate) fn send(
        &mut self,
        mut attempt: Attempt,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        if self.on_the_way() == 0 && self.sent >= MOST {
            self.recall();
        }
        if self.is_recalled {
            debug_assert!(self.on_the_way() == 0, "an epoch at a time");
            self.epoch = self.epoch.wrapping_add(1);
            (self.sent, self.ended, self.is_recalled) = (0, 0, false);
        }
        (attempt.line, attempt.epoch) = (self.number, self.epoch);
        let said = self.said.len();
        attempt.write_with(&mut self.said, write)?;
        let size = self.said.len() - said;
        self.sizes.push_back(size);
        self.size += size;
        self.sent += 1;
        self.unsaid += 1;
        Ok(())
    }

    /// Says what was sent.
    pub(crate) fn say(&mut self) {
        self.unsaid = 0;
        if !self.said.is_empty() {
            self.link.say(&mut self.said);
        }
    }

    /// Says what was sent if the process may have nothing else to do soon: to wake it
    /// costs more than a message. Whoever waits for anything but what the process does
    /// has to say it all.
    pub(crate) fn say_in_time(&mut self) {
        let said = self.on_the_way() - self.unsaid;
        if said < ENOUGH {
            self.say();
        }
    }

    /// Calls back what the process has not begun, and says how many it has that have
    /// not ended: those that were sent first.
    pub(crate) fn recall(&mut self) -> usize {
        if !self.is_recalled {
            // Where somebody else has the line it is nobody's what was begun.
            let begun = self.link.progress.recall(self.number, self.epoch);
            self.sent = begun.unwrap_or(0).clamp(self.ended, self.sent);
            let recalled = self.sizes.drain(self.on_the_way()..);
            self.size -= recalled.sum::<usize>();
            // What was not said need not be: it is of an epoch that is over.
            self.said.clear();
            self.unsaid = 0;
            self.is_recalled = true;
        }
        self.on_the_way()
    }

    /// When the oldest attempt that was sent began, or another one behind it; `None`
    /// if it has not.
    pub(crate) fn began(&self) -> Option<Time> {
        if self.is_recalled {
            // What is left of an epoch that is over has begun.
            return (self.on_the_way() > 0).then(|| self.link.progress.begun(self.number).1);
        }
        let (begun, at) = self.link.progress.begun(self.number);
        (begun.epoch == self.epoch && begun.attempts > self.ended).then_some(at)
    }

    /// Nobody waits any more for the oldest attempt that was sent. Where the process
    /// is at it, the line is taken until it is not.
    pub(crate) fn give_up(&mut self) {
        if self.recall() == 0 {
            return;
        }
        self.ends();
        let which = self.which();
        self.given_up = Some(which);
        let _ = Frame::GiveUp(which).write(&mut self.said);
        self.say();
    }

    /// The oldest that was sent has ended.
    #[inline]
    fn ends(&mut self) {
        self.ended += 1;
        self.size -= self.sizes.pop_front().unwrap_or(0);
    }

    /// The one that has ended last.
    fn which(&self) -> Which {
        Which {
            line: self.number,
            epoch: self.epoch,
            index: self.ended,
        }
    }

    /// Waits until something has come, or nothing more will. Cancellation safe.
    pub(crate) async fn arrived(&mut self) {
        std::future::poll_fn(|context| self.poll_arrived(context)).await;
    }

    /// The same, for whoever waits for something else, too.
    pub(crate) fn poll_arrived(&mut self, context: &Context<'_>) -> Poll<()> {
        if self.read < self.came.len() || self.is_closed {
            return Poll::Ready(());
        }
        self.came.clear();
        self.read = 0;
        let is_open = self.link.poll_came(self.number, &mut self.came, context);
        is_open.map(|is_open| self.is_closed = !is_open)
    }

    /// Waits until the process is not at what was given up, or has ended.
    /// Cancellation safe.
    pub(crate) async fn free(&mut self) {
        while self.is_taken() && !self.is_closed {
            self.arrived().await;
            // Nothing else is on its way.
            let _ = self.next();
        }
        self.given_up = None;
    }

    /// What the oldest attempt that was sent has returned, when it began and how long it
    /// took, if that is what comes next.
    #[inline]
    pub(crate) fn next_done(&mut self) -> Option<(Range<usize>, Time, u64)> {
        let begin = self.read;
        let (ended, output, length) = Frame::read_done(&self.came[begin..])?;
        let Ended { which, began, took } = ended;
        let is_next = self.given_up.is_none()
            && which.epoch == self.epoch
            && which.index == self.ended + 1
            && self.on_the_way() > self.unsaid;
        if !is_next {
            return None;
        }
        let end = begin + length;
        let output = end - output.len()..end;
        self.read = end;
        self.ends();
        Some((output, began, took))
    }

    /// What has come.
    pub(crate) fn next(&mut self) -> Next {
        match self.read_next() {
            Ok(next) => next,
            Err(what) => {
                self.link.kill(format!("it wrote {what}"));
                // It is waited for the end that this brings about.
                self.read = self.came.len();
                Next::Nothing
            }
        }
    }

    fn read_next(&mut self) -> Result<Next, String> {
        loop {
            let begin = self.read;
            if let Some((output, began, took)) = self.next_done() {
                let came = Came::Done(output);
                return Ok(Next::Ended { came, began, took });
            }
            let malformed = |error: Malformed| error.to_string();
            let Some((frame, length)) = Frame::read(&self.came[begin..]).map_err(malformed)? else {
                return Ok(if self.is_closed {
                    Next::Closed
                } else {
                    Next::Nothing
                });
            };
            self.read += length;
            let (ended, outcome) = match frame {
                Frame::Ended(ended, outcome) => (ended, outcome),
                Frame::Stopped(_, epoch) if epoch == self.epoch && !self.is_recalled => {
                    self.stops()?;
                    return Ok(Next::Stopped);
                }
                Frame::Stopped(..) => continue,
                other => return Err(format!("{other:?}, which is no answer")),
            };
            let came = match outcome {
                Outcome::Failed(refused) => {
                    Came::Failed(Remote::of(&refused.texts), refused.may_retry)
                }
                Outcome::Panicked(text) => Came::Panicked(text.to_owned()),
                Outcome::Done(output) => Came::Done(begin + length - output.len()..begin + length),
                // That was not asked for: its task is gone.
                Outcome::GivenUp => Came::Panicked("it ended without an outcome".to_owned()),
            };
            if let Some(next) = self.ended(ended, came)? {
                return Ok(next);
            }
        }
    }

    /// That came of an attempt; nothing if nobody waits for it.
    #[inline]
    fn ended(&mut self, ended: Ended, came: Came) -> Result<Option<Next>, String> {
        let Ended { which, began, took } = ended;
        if self.given_up == Some(which) {
            self.given_up = None;
            return Ok(None);
        }
        if which.epoch != self.epoch {
            // Of whoever had the line before.
            return Ok(None);
        }
        if self.on_the_way() <= self.unsaid || which.index != self.ended + 1 {
            return Err(format!("an answer to {which:?}, which was not asked"));
        }
        self.ends();
        if !matches!(came, Came::Done(_)) {
            self.stops()?;
        }
        Ok(Some(Next::Ended { came, began, took }))
    }

    /// Nothing more is begun.
    fn stops(&mut self) -> Result<(), String> {
        match self.recall() {
            0 => Ok(()),
            _ => Err("that it stops, and has begun more".to_owned()),
        }
    }

    /// What an attempt has returned, until the line is waited for again.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.came[range]
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.on_the_way() > 0 {
            self.give_up();
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
