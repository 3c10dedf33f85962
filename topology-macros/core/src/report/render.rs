//! How a fault looks as a compiler error.

use std::fmt::Write as _;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::place::file_and_line;
use super::{Fault, Line, span_of};

/// `compile_error!` with its first token at the anchor's first and its last at
/// the anchor's last: the compiler underlines what is between.
pub(super) fn fault(fault: &Fault) -> TokenStream {
    let text = text(fault);
    let start = span_of(&fault.anchor);
    let end = fault
        .anchor
        .clone()
        .into_iter()
        .last()
        .map_or(start, |token| token.span());
    let message = quote_spanned!(end=> { #text });
    let message: TokenStream = message
        .into_iter()
        .map(|token| respan(token, end))
        .collect();
    quote_spanned!(start=> ::core::compile_error! #message)
}

fn respan(token: TokenTree, span: Span) -> TokenTree {
    match token {
        TokenTree::Group(group) => {
            let mut group = Group::new(group.delimiter(), group.stream());
            group.set_span(span);
            group.into()
        }
        other => other,
    }
}

/// The headline, then facts and remedies. Lines of this form in an error's text
/// are drawn below its headline.
fn text(fault: &Fault) -> String {
    let mut text = fault.headline.clone();
    for line in &fault.lines {
        let _ = match line {
            Line::Note(note) => write!(text, "\n = note: {note}"),
            Line::NoteAt(note, place) => {
                write!(text, "\n = note: {note} at {}", file_and_line(place))
            }
            Line::Help(help) => write!(text, "\n = help: {help}"),
        };
    }
    if let Some(rule) = fault.rule {
        let name = rule.name;
        let _ = write!(
            text,
            "\n = note: rule `{name}`; see `cargo topology explain {name}`"
        );
    }
    text
}

/// A token to underline where there is only a span.
pub(super) fn anchor_at(span: Span) -> TokenStream {
    TokenTree::from(Ident::new("_here", span)).into()
}
