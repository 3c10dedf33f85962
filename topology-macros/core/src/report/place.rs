//! Where something stands in its file.

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::span_of;

/// A position in a source file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The characters of the line before the position.
    pub column: usize,
}

/// The text between two positions of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Where it begins.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

/// Something to be said at a place that a fault speaks of, beside its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub place: Place,
    /// What: lower case, no final stop, without the place.
    pub text: String,
}

impl Place {
    /// From the first of the tokens to the last.
    pub(crate) fn of(tokens: &impl ToTokens) -> Self {
        let tokens = tokens.to_token_stream();
        let last = tokens.clone().into_iter().last();
        let end = last.map_or_else(|| span_of(&tokens), |token| token.span());
        Self {
            start: span_of(&tokens).start().into(),
            end: end.end().into(),
        }
    }
}

impl From<proc_macro2::LineColumn> for Position {
    fn from(at: proc_macro2::LineColumn) -> Self {
        Self {
            line: at.line,
            column: at.column,
        }
    }
}

/// `src/orders.rs:12`
pub(super) fn file_and_line(tokens: &TokenStream) -> String {
    let span = span_of(tokens);
    format!("{}:{}", span.file(), span.start().line)
}
