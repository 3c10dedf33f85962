//! The position in a distributed trace, as the `traceparent` and `tracestate` headers of the
//! W3C Trace Context recommendation, Level 1, carry it.
//!
//! <https://www.w3.org/TR/trace-context-1/>

use std::{error, fmt, num::NonZero, str::Chars};

use super::trace_state::TraceState;

#[cfg(test)]
mod tests;

const LENGTH: usize = 55;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $integer:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZero<$integer>);

        impl $name {
            pub(crate) const LEAST: Self = Self(NonZero::<$integer>::MIN);

            /// The identifier of these bytes, most significant first, or `None` if all are zero.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Option<Self> {
                match NonZero::new($integer::from_be_bytes(bytes)) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }

            /// The bytes of the identifier, most significant first.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; $bytes] {
                self.0.get().to_be_bytes()
            }

            /// A fresh identifier from the generator of the current thread.
            ///
            /// All its bits are pseudo-random, but not fit to be a secret.
            #[must_use]
            pub fn random() -> Self {
                Self(NonZero::new(fastrand::$integer(..)).unwrap_or(NonZero::<$integer>::MIN))
            }
        }

        /// Lower-case hexadecimal digits, with leading zeros.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:0width$x}", self.0, width = 2 * $bytes)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

identifier! {
    /// The identifier of a whole trace: 16 bytes which are not all zero (section 3.2.2.3).
    TraceId, u128, 16
}

identifier! {
    /// The identifier of one span in a trace: 8 bytes which are not all zero.
    ///
    /// In a header it is the `parent-id` (section 3.2.2.4).
    SpanId, u64, 8
}

/// The flags of a trace (section 3.2.2.5).
///
/// Two of the eight bits can be set. One is *sampled* (0x01), the only one of Level 1. The other
/// is *random* (0x02) of Level 2, which states how the trace id came about; whoever carries the
/// trace id on must carry it on too, so it stays as it came in, and it is never set for a new
/// trace. All other bits have no meaning yet and must be zero in every header sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TraceFlags(u8);

impl TraceFlags {
    /// The caller may have recorded the trace (section 3.2.2.5.1).
    pub const SAMPLED: Self = Self(0x01);

    const RANDOM: Self = Self(0x02);

    /// The flags of a `trace-flags` byte, of which the bits without a meaning are dropped.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & (Self::SAMPLED.0 | Self::RANDOM.0))
    }

    /// The `trace-flags` byte.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether the caller may have recorded the trace (section 3.2.2.5.1).
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        self.0 & Self::SAMPLED.0 != 0
    }

    /// These flags with *sampled* set or not set.
    #[must_use]
    pub const fn with_sampled(self, sampled: bool) -> Self {
        let others = self.0 & !Self::SAMPLED.0;
        Self(if sampled {
            others | Self::SAMPLED.0
        } else {
            others
        })
    }
}

impl TraceId {
    /// Its halves.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the rest is the other half"
    )]
    pub(crate) const fn words(self) -> [u64; 2] {
        let number = self.0.get();
        [(number >> 64) as u64, number as u64]
    }

    /// The identifier with these halves, or `None` if both are zero.
    pub(crate) fn of_words([high, low]: [u64; 2]) -> Option<Self> {
        NonZero::new(u128::from(high) << 64 | u128::from(low)).map(Self)
    }
}

/// A position in a trace: the trace, the current span, the flags and the vendor members.
///
/// It is written as the `traceparent` of version 00, whatever version it was read from
/// (section 3.2.4), and as the `tracestate` which [`TraceContext::state`] gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
    state: TraceState,
}

impl TraceContext {
    /// The start of a new trace: random identifiers, sampled, no vendor members (section 4.2).
    #[must_use]
    pub fn root() -> Self {
        Self::new(
            TraceId::random(),
            SpanId::random(),
            TraceFlags::SAMPLED,
            TraceState::default(),
        )
    }

    /// A context of these parts.
    #[must_use]
    pub const fn new(
        trace_id: TraceId,
        span_id: SpanId,
        flags: TraceFlags,
        state: TraceState,
    ) -> Self {
        Self {
            trace_id,
            span_id,
            flags,
            state,
        }
    }

    /// Reads a `traceparent` and the `tracestate` beside it, if there is one.
    ///
    /// Spaces and tabs around `traceparent` are skipped, as they are no part of a header value
    /// (RFC 9110, section 5.5). Versions above 00 are read as far as they are like version 00
    /// (section 3.2.4). An invalid `tracestate` is dropped and the trace kept (section 3.3).
    ///
    /// For several `tracestate` headers, use [`TraceState::parse_all`] and
    /// [`TraceContext::with_state`] after this one succeeded without them.
    ///
    /// # Errors
    ///
    /// The first offence of `traceparent` against sections 3.2.2 and 3.2.4. Nothing of the trace
    /// may be used then, and `tracestate` has not been looked at (section 3.3).
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Result<Self, InvalidTraceparent> {
        let text = traceparent.trim_matches([' ', '\t']);
        let mut fields = Fields::of(text);
        let [version] = fields.hex()?;
        fields.dash()?;
        check_version(version, text.chars().count())?;
        let trace_id = TraceId::from_bytes(fields.hex()?).ok_or(InvalidTraceparent::ZeroTraceId)?;
        fields.dash()?;
        let span_id = SpanId::from_bytes(fields.hex()?).ok_or(InvalidTraceparent::ZeroParentId)?;
        fields.dash()?;
        let [flags] = fields.hex()?;
        fields.end_or_dash()?;

        let state = tracestate.and_then(|header| TraceState::parse(header).ok());
        Ok(Self::new(
            trace_id,
            span_id,
            TraceFlags::from_bits(flags),
            state.unwrap_or_default(),
        ))
    }

    /// The value of the `traceparent` header: 55 characters of version 00 (section 3.2.2).
    ///
    /// The [`Display`](fmt::Display) of the context writes the same text without allocating.
    #[must_use]
    pub fn traceparent(&self) -> String {
        self.to_string()
    }

    /// The same trace, flags and vendor members with another current span (section 3.4).
    #[must_use]
    pub fn child(&self, span_id: SpanId) -> Self {
        Self {
            span_id,
            ..self.clone()
        }
    }

    /// This context with other vendor members (section 3.5).
    #[must_use]
    pub fn with_state(self, state: TraceState) -> Self {
        Self { state, ..self }
    }

    /// This context with the *sampled* flag set or not set.
    ///
    /// Section 3.4 allows a change of the flag only together with a new current span, so a
    /// context that was received goes through [`TraceContext::child`] as well.
    #[must_use]
    pub fn with_sampled(self, sampled: bool) -> Self {
        let flags = self.flags.with_sampled(sampled);
        Self { flags, ..self }
    }

    /// The identifier of the trace (section 3.2.2.3).
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The current span, which the receiver of the header knows as its parent (section 3.2.2.4).
    #[must_use]
    pub const fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// The flags of the trace (section 3.2.2.5).
    #[must_use]
    pub const fn flags(&self) -> TraceFlags {
        self.flags
    }

    /// Whether the caller may have recorded the trace (section 3.2.2.5.1).
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags.is_sampled()
    }

    /// The vendor members (section 3.3), to be sent as `tracestate` unless there are none.
    #[must_use]
    pub const fn state(&self) -> &TraceState {
        &self.state
    }
}

/// The value of the `traceparent` header (section 3.2.2); the vendor members are not in it.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = self.flags.bits();
        write!(f, "00-{}-{}-{flags:02x}", self.trace_id, self.span_id)
    }
}

fn check_version(version: u8, characters: usize) -> Result<(), InvalidTraceparent> {
    match version {
        0xff => Err(InvalidTraceparent::ForbiddenVersion),
        0 if characters != LENGTH => Err(InvalidTraceparent::WrongLength { characters }),
        _ => Ok(()),
    }
}

struct Fields<'a> {
    characters: Chars<'a>,
    position: usize,
}

impl<'a> Fields<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            characters: text.chars(),
            position: 0,
        }
    }

    fn hex<const N: usize>(&mut self) -> Result<[u8; N], InvalidTraceparent> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.digit()? << 4 | self.digit()?;
        }
        Ok(bytes)
    }

    fn digit(&mut self) -> Result<u8, InvalidTraceparent> {
        self.next("a lower-case hexadecimal digit", lower_hex_digit)
    }

    fn dash(&mut self) -> Result<(), InvalidTraceparent> {
        self.next("a dash", |found| (found == '-').then_some(()))
    }

    fn end_or_dash(&mut self) -> Result<(), InvalidTraceparent> {
        if self.characters.as_str().is_empty() {
            return Ok(());
        }
        self.dash()
    }

    fn next<T>(
        &mut self,
        expected: &'static str,
        read: impl Fn(char) -> Option<T>,
    ) -> Result<T, InvalidTraceparent> {
        let characters = self.position;
        let found = self.characters.next();
        let found = found.ok_or(InvalidTraceparent::TooShort { characters })?;
        self.position += 1;
        read(found).ok_or(InvalidTraceparent::Character {
            position: self.position,
            found,
            expected,
        })
    }
}

fn lower_hex_digit(character: char) -> Option<u8> {
    if character.is_ascii_uppercase() {
        return None;
    }
    character.to_digit(16)?.try_into().ok()
}

/// Why a text is no valid `traceparent`.
///
/// Characters are counted from 1, without the spaces and tabs around the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidTraceparent {
    /// Version 00 with another length than 55 (section 3.2.2.2).
    WrongLength {
        /// How many characters there are.
        characters: usize,
    },
    /// Less than 55 characters in a higher version, or none left for the version (section 3.2.4).
    TooShort {
        /// How many characters there are.
        characters: usize,
    },
    /// Version ff, which is forbidden (section 3.2.2.1).
    ForbiddenVersion,
    /// A character which is not the hexadecimal digit or the dash of its place (section 3.2.2).
    Character {
        /// The place in the header.
        position: usize,
        /// The character.
        found: char,
        /// What belongs there, in words.
        expected: &'static str,
    },
    /// A `trace-id` of zeros only (section 3.2.2.3).
    ZeroTraceId,
    /// A `parent-id` of zeros only (section 3.2.2.4).
    ZeroParentId,
}

impl error::Error for InvalidTraceparent {}

impl fmt::Display for InvalidTraceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongLength { characters } => write!(
                f,
                "traceparent has {characters} characters where version 00 has {LENGTH}"
            ),
            Self::TooShort { characters } => write!(
                f,
                "traceparent has {characters} characters where every version has at least {LENGTH}"
            ),
            Self::ForbiddenVersion => f.write_str("traceparent has the forbidden version ff"),
            Self::Character {
                position,
                found,
                expected,
            } => write!(
                f,
                "character {position} of traceparent is {found:?} where {expected} belongs"
            ),
            Self::ZeroTraceId => f.write_str("trace-id of traceparent is all zero"),
            Self::ZeroParentId => f.write_str("parent-id of traceparent is all zero"),
        }
    }
}
