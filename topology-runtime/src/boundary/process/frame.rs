//! What is written on the socket between a topology and a process of its: frames
//! of a length, a kind, and what the kind says.
//!
//! Numbers are little-endian. A frame that is too long, ends too early, or is of
//! no kind that there is, is an error; whoever reads it closes the connection.

use std::time::Duration;

use crate::message::{SpanId, TraceContext, TraceFlags, TraceId, TraceState};

/// The most bytes that a frame may have behind its length.
pub(super) const LONGEST: usize = 64 << 20;

/// The bytes of a frame's length.
const LENGTH: usize = 4;

/// What one end tells the other.
#[derive(Debug, PartialEq)]
pub(super) enum Frame<'a> {
    /// To the process: an attempt.
    Attempt(Attempt, &'a [u8]),
    /// To the process: nobody waits for that attempt any more.
    GiveUp(u64),
    /// To the process: it is to end.
    End,
    /// From the process: it is ready.
    Ready,
    /// From the process: it has begun that attempt, and all that came before it.
    Begun(u64),
    /// From the process: what that attempt returned.
    Done(u64, &'a [u8]),
    /// From the process: that attempt returned an error.
    Failed(u64, Refused<'a>),
    /// From the process: that attempt panicked, with this text.
    Panicked(u64, &'a str),
    /// From the process: that attempt was given up, and is not at work any more.
    GivenUp(u64),
}

/// The header of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) id: u64,
    pub(crate) step: u16,
    pub(crate) replica: u32,
    /// Counted from 1.
    pub(crate) number: u32,
    pub(crate) trace: TraceContext,
    /// What is left for this attempt.
    pub(crate) remaining: Option<Duration>,
    /// What is left until the message's deadline.
    pub(crate) deadline: Option<Duration>,
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
const BEGUN: u8 = 4;
const DONE: u8 = 5;
const FAILED: u8 = 6;
const PANICKED: u8 = 7;
const GIVEN_UP: u8 = 8;

impl Frame<'_> {
    /// Appends it.
    ///
    /// # Errors
    ///
    /// If it is too long: nothing is appended then.
    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), Malformed> {
        let start = to.len();
        to.extend([0; LENGTH]);
        self.write_body(to);
        let length = to.len() - start - LENGTH;
        match u32::try_from(length) {
            Ok(written) if length <= LONGEST => {
                to[start..start + LENGTH].copy_from_slice(&written.to_le_bytes());
                Ok(())
            }
            _ => {
                to.truncate(start);
                Err(Malformed::TooLong(length))
            }
        }
    }

    fn write_body(&self, to: &mut Vec<u8>) {
        match self {
            Self::Attempt(attempt, body) => {
                to.push(ATTEMPT);
                attempt.write(to);
                to.extend_from_slice(body);
            }
            Self::GiveUp(id) => numbered(to, GIVE_UP, *id),
            Self::End => to.push(END),
            Self::Ready => to.push(READY),
            Self::Begun(id) => numbered(to, BEGUN, *id),
            Self::Done(id, body) => {
                numbered(to, DONE, *id);
                to.extend_from_slice(body);
            }
            Self::Failed(id, refused) => {
                numbered(to, FAILED, *id);
                to.push(u8::from(refused.may_retry));
                for text in &refused.texts {
                    let text = shortened(text, usize::from(u16::MAX));
                    to.extend_from_slice(&u16::try_from(text.len()).unwrap_or(0).to_le_bytes());
                    to.extend_from_slice(text.as_bytes());
                }
            }
            Self::Panicked(id, text) => {
                numbered(to, PANICKED, *id);
                to.extend_from_slice(shortened(text, usize::from(u16::MAX)).as_bytes());
            }
            Self::GivenUp(id) => numbered(to, GIVEN_UP, *id),
        }
    }
}

impl<'a> Frame<'a> {
    /// The frame at the beginning of the bytes, and how many bytes it has; `None`
    /// if not all of it is there.
    ///
    /// # Errors
    ///
    /// If it is no frame.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, Malformed> {
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
        let (&kind, mut rest) = frame.split_first().ok_or(Malformed::Body(u8::MAX))?;
        if kind > GIVEN_UP {
            return Err(Malformed::Kind(kind));
        }
        let frame = Self::read_body(kind, &mut rest).ok_or(Malformed::Body(kind))?;
        if !rest.is_empty() {
            return Err(Malformed::Body(kind));
        }
        Ok(Some((frame, LENGTH + length)))
    }

    fn read_body(kind: u8, rest: &mut &'a [u8]) -> Option<Self> {
        Some(match kind {
            ATTEMPT => Self::Attempt(Attempt::read(rest)?, std::mem::take(rest)),
            GIVE_UP => Self::GiveUp(u64::from_le_bytes(array(rest)?)),
            END => Self::End,
            READY => Self::Ready,
            BEGUN => Self::Begun(u64::from_le_bytes(array(rest)?)),
            DONE => Self::Done(u64::from_le_bytes(array(rest)?), std::mem::take(rest)),
            FAILED => Self::Failed(u64::from_le_bytes(array(rest)?), Refused::read(rest)?),
            PANICKED => {
                let id = u64::from_le_bytes(array(rest)?);
                Self::Panicked(id, str::from_utf8(std::mem::take(rest)).ok()?)
            }
            _ => Self::GivenUp(u64::from_le_bytes(array(rest)?)),
        })
    }
}

impl Attempt {
    fn write(&self, to: &mut Vec<u8>) {
        let trace = &self.trace;
        let state = trace.state().to_string();
        to.extend_from_slice(&self.id.to_le_bytes());
        to.extend_from_slice(&self.step.to_le_bytes());
        to.extend_from_slice(&self.replica.to_le_bytes());
        to.extend_from_slice(&self.number.to_le_bytes());
        to.extend_from_slice(&trace.trace_id().to_bytes());
        to.extend_from_slice(&trace.span_id().to_bytes());
        to.push(trace.flags().bits());
        to.extend_from_slice(&time(self.remaining).to_le_bytes());
        to.extend_from_slice(&time(self.deadline).to_le_bytes());
        // A state has at most 32 members of 512 characters.
        to.extend_from_slice(&u16::try_from(state.len()).unwrap_or(0).to_le_bytes());
        if u16::try_from(state.len()).is_ok() {
            to.extend_from_slice(state.as_bytes());
        }
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        let id = u64::from_le_bytes(array(rest)?);
        let step = u16::from_le_bytes(array(rest)?);
        let replica = u32::from_le_bytes(array(rest)?);
        let number = u32::from_le_bytes(array(rest)?);
        let trace_id = TraceId::from_bytes(array(rest)?)?;
        let span_id = SpanId::from_bytes(array(rest)?)?;
        let [flags] = array(rest)?;
        let remaining = read_time(array(rest)?);
        let deadline = read_time(array(rest)?);
        let state = usize::from(u16::from_le_bytes(array(rest)?));
        let (state, others) = rest.split_at_checked(state)?;
        *rest = others;
        let state = match state {
            [] => TraceState::default(),
            state => TraceState::parse(str::from_utf8(state).ok()?).ok()?,
        };
        let flags = TraceFlags::from_bits(flags);
        Some(Self {
            id,
            step,
            replica,
            number,
            trace: TraceContext::new(trace_id, span_id, flags, state),
            remaining,
            deadline,
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

fn numbered(to: &mut Vec<u8>, kind: u8, id: u64) {
    to.push(kind);
    to.extend_from_slice(&id.to_le_bytes());
}

/// The next bytes, if there are so many.
fn array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(*first)
}

/// In nanoseconds; the most for a time that does not end.
fn time(time: Option<Duration>) -> u64 {
    time.map_or(u64::MAX, |time| {
        u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
    })
}

fn read_time(bytes: [u8; 8]) -> Option<Duration> {
    match u64::from_le_bytes(bytes) {
        u64::MAX => None,
        nanos => Some(Duration::from_nanos(nanos)),
    }
}

/// As much of a text as there is room for.
fn shortened(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(state: &str) -> Attempt {
        Attempt {
            id: 7,
            step: 3,
            replica: 2,
            number: 1,
            trace: TraceContext::root().with_state(TraceState::parse(state).unwrap()),
            remaining: Some(Duration::from_millis(250)),
            deadline: None,
        }
    }

    fn frames() -> Vec<Frame<'static>> {
        let refused = Refused {
            may_retry: true,
            texts: vec!["it is busy", "", "too many connections"],
        };
        vec![
            Frame::Attempt(attempt(""), b"message"),
            Frame::Attempt(attempt("vendor=value,other=1"), b""),
            Frame::GiveUp(u64::MAX),
            Frame::End,
            Frame::Ready,
            Frame::Begun(0),
            Frame::Done(9, &[0, 255]),
            Frame::Failed(1, refused),
            Frame::Panicked(2, "öh"),
            Frame::GivenUp(3),
        ]
    }

    #[test]
    fn what_is_written_is_read_one_after_the_other() {
        let frames = frames();
        let mut bytes = Vec::new();
        for frame in &frames {
            frame.write(&mut bytes).unwrap();
        }
        let mut rest = &bytes[..];
        for frame in &frames {
            let (read, length) = Frame::read(rest).unwrap().unwrap();
            assert_eq!(&read, frame);
            rest = &rest[length..];
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn a_frame_that_has_not_come_whole_is_waited_for() {
        for frame in frames() {
            let mut bytes = Vec::new();
            frame.write(&mut bytes).unwrap();
            for length in 0..bytes.len() {
                assert_eq!(Frame::read(&bytes[..length]), Ok(None), "{frame:?}");
            }
        }
    }

    #[test]
    fn a_frame_that_is_cut_or_goes_on_is_malformed() {
        for frame in frames() {
            let mut bytes = Vec::new();
            frame.write(&mut bytes).unwrap();
            let kind = bytes[LENGTH];
            // What is free at its end may be of any length.
            let is_free = matches!(
                frame,
                Frame::Attempt(..) | Frame::Done(..) | Frame::Panicked(..) | Frame::Failed(..)
            );
            for cut in 1..bytes.len() - LENGTH {
                let length = bytes.len() - LENGTH - cut;
                let mut shorter = u32::try_from(length).unwrap().to_le_bytes().to_vec();
                shorter.extend_from_slice(&bytes[LENGTH..LENGTH + length]);
                let read = Frame::read(&shorter);
                assert!(
                    is_free || read == Err(Malformed::Body(kind)),
                    "{frame:?} {read:?}"
                );
            }
            if !is_free {
                let length = u32::try_from(bytes.len() - LENGTH + 1).unwrap();
                bytes[..LENGTH].copy_from_slice(&length.to_le_bytes());
                bytes.push(0);
                assert_eq!(Frame::read(&bytes), Err(Malformed::Body(kind)));
            }
        }
    }

    #[test]
    fn neither_end_believes_a_length_that_is_too_long() {
        let length = LONGEST + 1;
        let bytes = u32::try_from(length).unwrap().to_le_bytes();
        assert_eq!(Frame::read(&bytes), Err(Malformed::TooLong(length)));
        let body = vec![0; LONGEST];
        let mut written = vec![1, 2, 3];
        let frame = Frame::Done(1, &body);
        assert!(matches!(
            frame.write(&mut written),
            Err(Malformed::TooLong(_))
        ));
        assert_eq!(written, [1, 2, 3]);
    }

    #[test]
    fn any_bytes_are_read_or_refused() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..100_000 {
            let length = random.usize(..120);
            let mut bytes = vec![0; length + LENGTH];
            random.fill(&mut bytes);
            bytes[..LENGTH].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
            if length > 0 {
                bytes[LENGTH] %= GIVEN_UP + 2;
            }
            if let Ok(Some((frame, read))) = Frame::read(&bytes) {
                assert_eq!(read, bytes.len());
                let mut written = Vec::new();
                frame.write(&mut written).unwrap();
                let again = Frame::read(&written).unwrap().unwrap().0;
                assert_eq!(again, frame);
            }
        }
    }
}
