//! What is written on the socket between a topology and a process of its: frames
//! of a length, a kind, and what the kind says.
//!
//! Numbers are little-endian. A frame that is too long, ends too early, or is of
//! no kind that there is, is an error; whoever reads it closes the connection.

use super::progress::Time;
use crate::message::{SpanId, TraceContext, TraceFlags, TraceId, TraceState};
use crate::step::BoxError;

#[cfg(test)]
mod tests;

/// The most bytes that a frame may have behind its length.
pub(super) const LONGEST: usize = 64 << 20;

/// The bytes of a frame's length.
const LENGTH: usize = 4;

/// What one end tells the other.
#[derive(Debug, PartialEq)]
pub(super) enum Frame<'a> {
    /// To the process: an attempt, behind all others of its line.
    Attempt(Attempt, &'a [u8]),
    /// To the process: nobody waits for that attempt any more.
    GiveUp(Which),
    /// To the process: it is to end.
    End,
    /// From the process: it is ready.
    Ready,
    /// From the process: what an attempt came to. Those of a line come in the order
    /// in which they were sent.
    Ended(Ended, Outcome<'a>),
    /// From the process: nothing more of that epoch is begun on the line.
    Stopped(u32, u32),
}

/// The header of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attempt {
    /// Both are said by the line that sends it.
    pub(crate) line: u32,
    pub(crate) epoch: u32,
    pub(crate) step: u16,
    /// Counted from 1.
    pub(crate) number: u32,
    pub(crate) trace: TraceContext,
    /// It is not to be begun from then on.
    pub(crate) expires: Time,
    /// The message's deadline.
    pub(crate) deadline: Time,
}

/// Which attempt of which epoch of which line, the attempts counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Which {
    pub(super) line: u32,
    pub(super) epoch: u32,
    pub(super) index: u32,
}

/// An attempt that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) which: Which,
    pub(super) began: Time,
    /// In nanoseconds.
    pub(super) took: u64,
}

/// What an attempt came to.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome<'a> {
    /// It returned this.
    Done(&'a [u8]),
    /// It returned an error.
    Failed(Refused<'a>),
    /// It panicked, with this text.
    Panicked(&'a str),
    /// It was given up, and is not at work any more.
    GivenUp,
}

/// An error that an attempt returned.
#[derive(Debug, PartialEq)]
pub(super) struct Refused<'a> {
    pub(super) may_retry: bool,
    /// The error and its sources, each with its text.
    pub(super) texts: Vec<&'a str>,
}

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    TooLong(usize),
    /// There is no such kind.
    Kind(u8),
    /// What it says ends too early, goes on behind its end, or is not what its kind
    /// has there.
    Body(u8),
}

impl std::error::Error for Malformed {}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong(length) => {
                write!(
                    f,
                    "a frame of {length} bytes, and the longest has {LONGEST}"
                )
            }
            Self::Kind(kind) => write!(f, "a frame of kind {kind}, which there is not"),
            Self::Body(kind) => write!(f, "a frame of kind {kind} that cannot be read"),
        }
    }
}

const ATTEMPT: u8 = 0;
const GIVE_UP: u8 = 1;
const END: u8 = 2;
const READY: u8 = 3;
const DONE: u8 = 4;
const FAILED: u8 = 5;
const PANICKED: u8 = 6;
const GIVEN_UP: u8 = 7;
const STOPPED: u8 = 8;

/// Appends a frame, with what `write` appends behind its length.
///
/// # Errors
///
/// If it is too long, or cannot be written: nothing is appended then.
#[inline]
fn frame<E: From<Malformed>>(
    to: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let mut unfinished = Unfinished {
        start: to.len(),
        to,
    };
    unfinished.to.extend_from_slice(&[0; LENGTH]);
    write(unfinished.to)?;
    let (start, end) = (unfinished.start, unfinished.to.len());
    let length = end - start - LENGTH;
    let written = u32::try_from(length).ok().filter(|_| length <= LONGEST);
    let written = written.ok_or(Malformed::TooLong(length))?;
    unfinished.to[start..start + LENGTH].copy_from_slice(&written.to_le_bytes());
    unfinished.start = end;
    Ok(())
}

/// A frame that is being written. Dropped, also by a panic of what writes, none of it
/// is there.
struct Unfinished<'t> {
    to: &'t mut Vec<u8>,
    start: usize,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.to.truncate(self.start);
    }
}

impl Frame<'_> {
    /// Appends it.
    ///
    /// # Errors
    ///
    /// If it is too long: nothing is appended then.
    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), Malformed> {
        frame(to, |to| {
            self.write_body(to);
            Ok(())
        })
    }

    fn write_body(&self, to: &mut Vec<u8>) {
        match self {
            Self::Attempt(attempt, body) => {
                attempt.write(to);
                to.extend_from_slice(body);
            }
            Self::GiveUp(which) => {
                to.push(GIVE_UP);
                which.write(to);
            }
            Self::End => to.push(END),
            Self::Ready => to.push(READY),
            Self::Ended(ended, outcome) => {
                to.push(outcome.kind());
                ended.write(to);
                outcome.write(to);
            }
            Self::Stopped(line, epoch) => {
                to.push(STOPPED);
                to.extend_from_slice(&line.to_le_bytes());
                to.extend_from_slice(&epoch.to_le_bytes());
            }
        }
    }
}

/// Frames one behind the other that are for the same line, or one that is for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run<'a> {
    /// The line, where both ends know it from the first bytes: of an attempt, and of
    /// what is said of one.
    pub(super) line: Option<u32>,
    /// Whether they are attempts.
    pub(super) are_attempts: bool,
    pub(super) frames: &'a [u8],
}

/// The whole frames at the beginning of some bytes.
pub(super) struct Runs<'a> {
    bytes: &'a [u8],
    /// How many bytes of them were looked at.
    pub(super) read: usize,
}

impl<'a> Runs<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, read: 0 }
    }

    /// The next ones; `None` if not all of a frame is there.
    ///
    /// # Errors
    ///
    /// If it is no frame.
    pub(super) fn next(&mut self) -> Result<Option<Run<'a>>, Malformed> {
        let start = self.read;
        let Some(first) = Frame::begin(&self.bytes[start..])? else {
            return Ok(None);
        };
        self.read += first.frames.len();
        if first.line.is_some() {
            while let Some(next) = Frame::begin(&self.bytes[self.read..])?
                && (next.line, next.are_attempts) == (first.line, first.are_attempts)
            {
                self.read += next.frames.len();
            }
        }
        let frames = &self.bytes[start..self.read];
        Ok(Some(Run { frames, ..first }))
    }
}

impl<'a> Frame<'a> {
    /// The frame at the beginning of the bytes, by itself; `None` if not all of it is
    /// there.
    fn begin(bytes: &'a [u8]) -> Result<Option<Run<'a>>, Malformed> {
        let Some((kind, rest)) = Self::split(bytes)? else {
            return Ok(None);
        };
        let line = match kind {
            ATTEMPT | DONE..=STOPPED => {
                let line = rest.first_chunk().ok_or(Malformed::Body(kind))?;
                Some(u32::from_le_bytes(*line))
            }
            _ => None,
        };
        Ok(Some(Run {
            line,
            are_attempts: kind == ATTEMPT,
            frames: &bytes[..LENGTH + 1 + rest.len()],
        }))
    }

    /// The frame at the beginning of the bytes, and how many bytes it has; `None`
    /// if not all of it is there.
    ///
    /// # Errors
    ///
    /// If it is no frame.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let Some((kind, mut rest)) = Self::split(bytes)? else {
            return Ok(None);
        };
        let length = LENGTH + 1 + rest.len();
        let frame = Self::read_body(kind, &mut rest).ok_or(Malformed::Body(kind))?;
        if !rest.is_empty() {
            return Err(Malformed::Body(kind));
        }
        Ok(Some((frame, length)))
    }

    /// The same of what most frames are: what an attempt has returned. `None` if it is
    /// anything else.
    #[inline]
    pub(super) fn read_done(bytes: &'a [u8]) -> Option<(Ended, &'a [u8], usize)> {
        let (&length, rest) = bytes.split_first_chunk::<LENGTH>()?;
        let length = u32::from_le_bytes(length) as usize;
        let (&kind, mut rest) = rest.get(..length)?.split_first()?;
        if kind != DONE {
            return None;
        }
        let ended = Ended::read(&mut rest)?;
        Some((ended, rest, LENGTH + length))
    }

    /// The kind of a frame, and what it says.
    fn split(bytes: &'a [u8]) -> Result<Option<(u8, &'a [u8])>, Malformed> {
        let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*length) as usize;
        if length > LONGEST {
            return Err(Malformed::TooLong(length));
        }
        let Some(frame) = rest.get(..length) else {
            return Ok(None);
        };
        let (&kind, rest) = frame.split_first().ok_or(Malformed::Body(u8::MAX))?;
        if kind > STOPPED {
            return Err(Malformed::Kind(kind));
        }
        Ok(Some((kind, rest)))
    }

    fn read_body(kind: u8, rest: &mut &'a [u8]) -> Option<Self> {
        Some(match kind {
            ATTEMPT => Self::Attempt(Attempt::read(rest)?, std::mem::take(rest)),
            GIVE_UP => Self::GiveUp(Which::read(rest)?),
            END => Self::End,
            READY => Self::Ready,
            STOPPED => Self::Stopped(number(rest)?, number(rest)?),
            _ => Self::Ended(Ended::read(rest)?, Outcome::read(kind, rest)?),
        })
    }
}

impl Attempt {
    /// Appends it as a frame, and the message that `body` appends.
    ///
    /// # Errors
    ///
    /// If the message cannot be written, or is too long: nothing is appended then.
    #[inline]
    pub(super) fn write_with(
        &self,
        to: &mut Vec<u8>,
        body: impl FnOnce(&mut Vec<u8>) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        frame(to, |to| {
            self.write(to);
            body(to)
        })
    }

    #[inline]
    fn write(&self, to: &mut Vec<u8>) {
        let trace = &self.trace;
        let mut header = Header::<56>::new();
        header.put([ATTEMPT]);
        header.put(self.line.to_le_bytes());
        header.put(self.epoch.to_le_bytes());
        header.put(self.step.to_le_bytes());
        header.put(self.number.to_le_bytes());
        header.put(trace.trace_id().to_bytes());
        header.put(trace.span_id().to_bytes());
        header.put([trace.flags().bits()]);
        header.put(self.expires.0.to_le_bytes());
        header.put(self.deadline.0.to_le_bytes());
        to.extend_from_slice(&header.bytes);
        let state = trace.state();
        if state.is_empty() {
            to.extend_from_slice(&[0; 2]);
        } else {
            Self::write_state(state, to);
        }
    }

    #[cold]
    fn write_state(state: &TraceState, to: &mut Vec<u8>) {
        // A state has at most 32 members of 512 characters.
        let state = state.to_string();
        to.extend_from_slice(&u16::try_from(state.len()).unwrap_or(0).to_le_bytes());
        if u16::try_from(state.len()).is_ok() {
            to.extend_from_slice(state.as_bytes());
        }
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        let line = number(rest)?;
        let epoch = number(rest)?;
        let step = u16::from_le_bytes(array(rest)?);
        let attempt = number(rest)?;
        let trace_id = TraceId::from_bytes(array(rest)?)?;
        let span_id = SpanId::from_bytes(array(rest)?)?;
        let [flags] = array(rest)?;
        let expires = Time(u64::from_le_bytes(array(rest)?));
        let deadline = Time(u64::from_le_bytes(array(rest)?));
        let state = usize::from(u16::from_le_bytes(array(rest)?));
        let (state, others) = rest.split_at_checked(state)?;
        *rest = others;
        let state = match state {
            [] => TraceState::default(),
            state => TraceState::parse(str::from_utf8(state).ok()?).ok()?,
        };
        let flags = TraceFlags::from_bits(flags);
        Some(Self {
            line,
            epoch,
            step,
            number: attempt,
            trace: TraceContext::new(trace_id, span_id, flags, state),
            expires,
            deadline,
        })
    }
}

impl Which {
    fn write(self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.line.to_le_bytes());
        to.extend_from_slice(&self.epoch.to_le_bytes());
        to.extend_from_slice(&self.index.to_le_bytes());
    }

    #[inline]
    fn read(rest: &mut &[u8]) -> Option<Self> {
        Some(Self {
            line: number(rest)?,
            epoch: number(rest)?,
            index: number(rest)?,
        })
    }
}

impl Ended {
    fn write(&self, to: &mut Vec<u8>) {
        let mut header = Header::<28>::new();
        header.put(self.which.line.to_le_bytes());
        header.put(self.which.epoch.to_le_bytes());
        header.put(self.which.index.to_le_bytes());
        header.put(self.began.0.to_le_bytes());
        header.put(self.took.to_le_bytes());
        to.extend_from_slice(&header.bytes);
    }

    #[inline]
    fn read(rest: &mut &[u8]) -> Option<Self> {
        let header: [u8; 28] = array(rest)?;
        let mut header = &header[..];
        Some(Self {
            which: Which::read(&mut header)?,
            began: Time(u64::from_le_bytes(array(&mut header)?)),
            took: u64::from_le_bytes(array(&mut header)?),
        })
    }

    /// Appends it as a frame, as one that returned what `body` appends.
    ///
    /// # Errors
    ///
    /// If that cannot be written, or is too long: nothing is appended then.
    pub(super) fn write_done(
        &self,
        to: &mut Vec<u8>,
        body: impl FnOnce(&mut Vec<u8>) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        frame(to, |to| {
            to.push(DONE);
            self.write(to);
            body(to)
        })
    }
}

impl<'a> Outcome<'a> {
    fn kind(&self) -> u8 {
        match self {
            Self::Done(_) => DONE,
            Self::Failed(_) => FAILED,
            Self::Panicked(_) => PANICKED,
            Self::GivenUp => GIVEN_UP,
        }
    }

    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Self::Done(body) => to.extend_from_slice(body),
            Self::Failed(refused) => {
                to.push(u8::from(refused.may_retry));
                for text in &refused.texts {
                    let text = shortened(text, usize::from(u16::MAX));
                    to.extend_from_slice(&u16::try_from(text.len()).unwrap_or(0).to_le_bytes());
                    to.extend_from_slice(text.as_bytes());
                }
            }
            Self::Panicked(text) => {
                to.extend_from_slice(shortened(text, usize::from(u16::MAX)).as_bytes());
            }
            Self::GivenUp => {}
        }
    }

    fn read(kind: u8, rest: &mut &'a [u8]) -> Option<Self> {
        Some(match kind {
            DONE => Self::Done(std::mem::take(rest)),
            FAILED => Self::Failed(Refused::read(rest)?),
            PANICKED => Self::Panicked(str::from_utf8(std::mem::take(rest)).ok()?),
            _ => Self::GivenUp,
        })
    }
}

impl<'a> Refused<'a> {
    fn read(rest: &mut &'a [u8]) -> Option<Self> {
        let may_retry = match array(rest)? {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let mut texts = Vec::new();
        while !rest.is_empty() {
            let length = usize::from(u16::from_le_bytes(array(rest)?));
            let (text, others) = rest.split_at_checked(length)?;
            texts.push(str::from_utf8(text).ok()?);
            *rest = others;
        }
        Some(Self { may_retry, texts })
    }
}

/// Numbers that are written together.
struct Header<const N: usize> {
    bytes: [u8; N],
    filled: usize,
}

impl<const N: usize> Header<N> {
    fn new() -> Self {
        Self {
            bytes: [0; N],
            filled: 0,
        }
    }

    fn put<const M: usize>(&mut self, bytes: [u8; M]) {
        let end = self.filled + M;
        self.bytes[self.filled..end].copy_from_slice(&bytes);
        self.filled = end;
    }
}

#[inline]
fn number(rest: &mut &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(array(rest)?))
}

/// The next bytes, if there are so many.
#[inline]
fn array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(*first)
}

/// As much of a text as there is room for.
fn shortened(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
