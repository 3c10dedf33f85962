//! The `tracestate` header of the W3C Trace Context recommendation, Level 1, section 3.3.
//!
//! <https://www.w3.org/TR/trace-context-1/#tracestate-header>

use std::{error, fmt, sync::Arc};

#[cfg(test)]
mod tests;

const MEMBER_LIMIT: usize = 32;
const KEY_LIMIT: usize = 256;
const TENANT_LIMIT: usize = 241;
const SYSTEM_LIMIT: usize = 14;
const VALUE_LIMIT: usize = 256;

/// The vendor members of a trace, most recently written first (section 3.3).
///
/// A state holds at most 32 members, each with a key of its own. It is immutable: changing it
/// gives a new state. A clone shares the members, and an empty state needs no memory of its own.
/// The size of the header is never cut, so at least the 512 characters which section 3.3.1.5 asks
/// for are carried on.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct TraceState {
    /// The header value without optional whitespace and empty members; never an empty text.
    header: Option<Arc<str>>,
}

impl TraceState {
    /// No members.
    pub(crate) const EMPTY: Self = Self { header: None };

    /// Reads the value of one `tracestate` header (section 3.3.1.1).
    ///
    /// Spaces and tabs around members are no part of them, and empty members are skipped without
    /// counting towards the limit of 32. Spaces right after the equals sign belong to the value.
    ///
    /// # Errors
    ///
    /// The first offence against the grammar of sections 3.3.1.2 and 3.3.1.3, a second member
    /// with the same key (section 3.3.1.4), or more than 32 members. The whole header is invalid
    /// then, and the trace goes on with an empty state.
    pub fn parse(header: &str) -> Result<Self, InvalidTraceState> {
        Self::parse_all([header])
    }

    /// Reads several `tracestate` headers of one message, in the order in which they arrived.
    ///
    /// They count as one header joined by commas (section 3.3.1.1, which refers to the rule that
    /// is now RFC 9110, section 5.3), so the limits and the uniqueness of keys hold for all lines
    /// together. No line at all gives an empty state.
    ///
    /// # Errors
    ///
    /// Those of [`TraceState::parse`]. Members are numbered across all lines.
    pub fn parse_all<'a>(
        headers: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidTraceState> {
        let mut members: Vec<(&str, &str)> = Vec::new();
        for text in headers.into_iter().flat_map(|line| line.split(',')) {
            let text = text.trim_matches([' ', '\t']);
            if text.is_empty() {
                continue;
            }
            if members.len() == MEMBER_LIMIT {
                return Err(InvalidTraceState::TooManyMembers);
            }
            let member = members.len() + 1;
            let (key, value) = split(text, member)?;
            if members.iter().any(|(earlier, _)| *earlier == key) {
                return Err(InvalidTraceState::DuplicateKey { member });
            }
            members.push((key, value));
        }
        Ok(Self::from_members(members))
    }

    /// The value of the member with this key (section 3.3.1.3).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter()
            .find_map(|(found, value)| (found == key).then_some(value))
    }

    /// This state with the member added or changed, as its first one (section 3.5).
    ///
    /// All other members keep their order. When they would then be more than 32, the right-most
    /// one is dropped.
    ///
    /// # Errors
    ///
    /// A key or a value outside of the grammar of section 3.3.1.3. It is reported as member 1,
    /// the place which the member would have taken.
    pub fn insert(&self, key: &str, value: &str) -> Result<Self, InvalidTraceState> {
        check_key(key, 1)?;
        check_value(value, 1)?;
        let others = self.iter().filter(|(other, _)| *other != key);
        let members = std::iter::once((key, value)).chain(others);
        Ok(Self::from_members(members.take(MEMBER_LIMIT)))
    }

    /// This state without the member of this key, if there is one (section 3.5).
    ///
    /// The recommendation asks vendors to remove only the members which they wrote themselves.
    #[must_use]
    pub fn remove(&self, key: &str) -> Self {
        if self.get(key).is_none() {
            return self.clone();
        }
        Self::from_members(self.iter().filter(|(other, _)| *other != key))
    }

    /// All members as pairs of key and value, in the order of the header (section 3.3.1.2).
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        // Neither keys nor values can contain a comma or an equals sign.
        self.text()
            .split(',')
            .filter_map(|member| member.split_once('='))
    }

    /// Whether there are no members; an empty header should not be sent (section 3.3.1.1).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.header.is_none()
    }

    fn from_members<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut header = String::new();
        for (key, value) in members {
            if !header.is_empty() {
                header.push(',');
            }
            header.push_str(key);
            header.push('=');
            header.push_str(value);
        }
        let header = (!header.is_empty()).then(|| Arc::from(header));
        Self { header }
    }

    fn text(&self) -> &str {
        self.header.as_deref().unwrap_or_default()
    }
}

/// The header value, in which a comma alone parts the members (section 3.3.1.4).
impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Debug for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TraceState").field(&self.text()).finish()
    }
}

fn split(text: &str, member: usize) -> Result<(&str, &str), InvalidTraceState> {
    let (key, value) = text
        .split_once('=')
        .ok_or(InvalidTraceState::NoEqualsSign { member })?;
    check_key(key, member)?;
    check_value(value, member)?;
    Ok((key, value))
}

fn check_key(key: &str, member: usize) -> Result<(), InvalidTraceState> {
    let Some((tenant, system)) = key.split_once('@') else {
        check_key_characters(key, 0, false, member)?;
        return check_length("key", key, KEY_LIMIT, member);
    };
    check_key_characters(tenant, 0, true, member)?;
    check_length("tenant id", tenant, TENANT_LIMIT, member)?;
    check_key_characters(system, tenant.len() + 1, false, member)?;
    check_length("system id", system, SYSTEM_LIMIT, member)
}

fn check_key_characters(
    part: &str,
    offset: usize,
    may_start_with_digit: bool,
    member: usize,
) -> Result<(), InvalidTraceState> {
    check_characters("key", part, offset, member, |index, found| match found {
        'a'..='z' => true,
        '0'..='9' => may_start_with_digit || index > 0,
        '_' | '-' | '*' | '/' => index > 0,
        _ => false,
    })
}

fn check_value(value: &str, member: usize) -> Result<(), InvalidTraceState> {
    check_characters("value", value, 0, member, |_, found| {
        matches!(found, ' '..='~') && !matches!(found, ',' | '=')
    })?;
    if value.ends_with(' ') {
        return Err(InvalidTraceState::Character {
            member,
            part: "value",
            position: value.len(),
            found: ' ',
        });
    }
    check_length("value", value, VALUE_LIMIT, member)
}

fn check_characters(
    part: &'static str,
    text: &str,
    offset: usize,
    member: usize,
    allowed: impl Fn(usize, char) -> bool,
) -> Result<(), InvalidTraceState> {
    let offence = text.chars().enumerate().find(|(i, c)| !allowed(*i, *c));
    offence.map_or(Ok(()), |(index, found)| {
        Err(InvalidTraceState::Character {
            member,
            part,
            position: offset + index + 1,
            found,
        })
    })
}

/// All characters must have been found to be ASCII before.
fn check_length(
    part: &'static str,
    text: &str,
    limit: usize,
    member: usize,
) -> Result<(), InvalidTraceState> {
    if (1..=limit).contains(&text.len()) {
        return Ok(());
    }
    Err(InvalidTraceState::Length {
        member,
        part,
        characters: text.len(),
        limit,
    })
}

/// Why a text is no valid `tracestate`, or a key and value no valid member of one.
///
/// Members are counted from 1, empty ones left out; characters are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidTraceState {
    /// More than 32 members (section 3.3.1.1).
    TooManyMembers,
    /// A key for the second time (section 3.3.1.4).
    DuplicateKey {
        /// The member with the repeated key.
        member: usize,
    },
    /// A member without an equals sign (section 3.3.1.2).
    NoEqualsSign {
        /// The member.
        member: usize,
    },
    /// An empty or too long key, part of a key, or value (section 3.3.1.3).
    Length {
        /// The member.
        member: usize,
        /// What is too long or empty: `key`, `tenant id`, `system id` or `value`.
        part: &'static str,
        /// How many characters it has.
        characters: usize,
        /// How many characters it may have; the least is always 1.
        limit: usize,
    },
    /// A character which a key or value may not have in that place (section 3.3.1.3); a value, for
    /// one, may not end with a space.
    Character {
        /// The member.
        member: usize,
        /// What the character is in: `key` or `value`.
        part: &'static str,
        /// The place in the key or value.
        position: usize,
        /// The character.
        found: char,
    },
}

impl error::Error for InvalidTraceState {}

impl fmt::Display for InvalidTraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyMembers => write!(f, "tracestate has more than {MEMBER_LIMIT} members"),
            Self::DuplicateKey { member } => {
                write!(f, "member {member} of tracestate repeats an earlier key")
            }
            Self::NoEqualsSign { member } => {
                write!(f, "member {member} of tracestate has no equals sign")
            }
            Self::Length {
                member,
                part,
                characters,
                limit,
            } => write!(
                f,
                "{part} of tracestate member {member} has {characters} characters \
                 where 1 to {limit} are allowed"
            ),
            Self::Character {
                member,
                part,
                position,
                found,
            } => write!(
                f,
                "character {position} in the {part} of tracestate member {member} is {found:?}, \
                 which is not allowed there"
            ),
        }
    }
}
