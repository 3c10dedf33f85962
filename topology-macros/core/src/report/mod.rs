//! Faults: what was wrong, where, and what to write instead.

mod nearest;
mod place;
mod render;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

pub use self::nearest::nearest;
pub use self::place::{Mark, Place, Position};
use crate::review::{Level, Rule};

/// One thing that keeps a topology or a step from compiling.
#[derive(Debug, Clone)]
pub struct Fault {
    rule: Option<&'static Rule>,
    anchor: TokenStream,
    headline: String,
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
enum Line {
    Note(String),
    /// A note that speaks of another place: its text, and the tokens there.
    NoteAt(String, TokenStream),
    Help(String),
}

impl Fault {
    /// A fault of `rule`, underlined at `anchor`.
    ///
    /// The headline says what is wrong in one clause: lower case, no final
    /// stop, names in backticks, and never the fix.
    pub(crate) fn new(
        rule: &'static Rule,
        anchor: impl ToTokens,
        headline: impl Into<String>,
    ) -> Self {
        Self {
            rule: Some(rule),
            anchor: anchor.into_token_stream(),
            headline: headline.into(),
            lines: Vec::new(),
        }
    }

    /// What could not be read at all, and so belongs to no rule.
    pub(crate) fn unreadable(anchor: impl ToTokens, headline: impl Into<String>) -> Self {
        Self {
            rule: None,
            anchor: anchor.into_token_stream(),
            headline: headline.into(),
            lines: Vec::new(),
        }
    }

    /// Adds a fact.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.lines.push(Line::Note(note.into()));
        self
    }

    /// Adds a fact about another place, which is named behind the text:
    /// `first drawn` reads `first drawn at src/orders.rs:12`.
    pub(crate) fn note_at(mut self, note: impl Into<String>, place: impl ToTokens) -> Self {
        let line = Line::NoteAt(note.into(), place.into_token_stream());
        self.lines.push(line);
        self
    }

    /// Adds what to write instead, as text that can be pasted.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.lines.push(Line::Help(help.into()));
        self
    }

    /// Adds a help if there is something to say.
    pub(crate) fn help_if(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// The rule that was broken; `None` for what could not be read.
    pub fn rule(&self) -> Option<&'static Rule> {
        self.rule
    }

    /// What is wrong, in one clause.
    pub fn headline(&self) -> &str {
        &self.headline
    }

    /// The tokens that show it.
    pub fn place(&self) -> Place {
        Place::of(&self.anchor)
    }

    /// The other places that it speaks of, each with what is to be said there.
    pub fn marks(&self) -> Vec<Mark> {
        let marks = self.lines.iter().filter_map(|line| match line {
            Line::NoteAt(note, tokens) => Some(Mark {
                place: Place::of(tokens),
                text: note.trim_end_matches(',').to_owned(),
            }),
            _ => None,
        });
        marks.collect()
    }

    /// The facts that belong to no other place.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| match line {
            Line::Note(note) => Some(&**note),
            _ => None,
        })
    }

    /// What to write instead.
    pub fn helps(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| match line {
            Line::Help(help) => Some(&**help),
            _ => None,
        })
    }
}

/// The faults of one macro call.
#[derive(Debug, Clone, Default)]
pub struct Report {
    faults: Vec<Fault>,
    notes: Vec<Fault>,
    /// Whether something was left out, so that what seems to be missing from
    /// the whole may only have been misread.
    incomplete: bool,
}

impl Report {
    /// Takes a fault, or a note if its rule is one.
    pub(crate) fn push(&mut self, fault: Fault) {
        match fault.rule.map(|rule| rule.level) {
            Some(Level::Note) => self.notes.push(fault),
            _ => self.faults.push(fault),
        }
    }

    pub(crate) fn extend(&mut self, faults: Vec<Fault>) {
        self.faults.extend(faults);
    }

    pub(crate) fn mark_incomplete(&mut self) {
        self.incomplete = true;
    }

    pub(crate) fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// Takes over what syn could not read.
    pub(crate) fn push_unreadable(&mut self, error: &syn::Error) {
        self.mark_incomplete();
        for error in error.clone() {
            let anchor = render::anchor_at(error.span());
            self.push(Fault::unreadable(anchor, error.to_string()));
        }
    }

    /// The same of a part of the input: where its end is what was not expected,
    /// its last token is underlined.
    pub(crate) fn push_unreadable_in(&mut self, error: &syn::Error, part: &TokenStream) {
        let text = error.to_string();
        let Some(rest) = text.strip_prefix("unexpected end of input") else {
            self.push_unreadable(error);
            return;
        };
        let last = part.clone().into_iter().last();
        let last = last.map(TokenStream::from).unwrap_or_default();
        let expected = rest.trim_start_matches(", ");
        let headline = if expected.is_empty() {
            "something is missing behind this".to_owned()
        } else {
            format!("{expected} behind this")
        };
        self.mark_incomplete();
        self.push(Fault::unreadable(last, headline));
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// The faults in source order.
    pub fn faults(&self) -> Vec<&Fault> {
        let mut faults: Vec<_> = self.faults.iter().collect();
        faults.sort_by_key(|fault| fault.place().start);
        faults
    }

    /// What could be better, in source order. A topology with notes is sound;
    /// those that only the compiler can tell are not among them.
    pub fn notes(&self) -> Vec<&Fault> {
        let mut notes: Vec<_> = self.notes.iter().collect();
        notes.sort_by_key(|note| note.place().start);
        notes
    }

    /// All faults as `compile_error!` calls, in source order.
    pub fn render(&self) -> TokenStream {
        self.faults().into_iter().map(render::fault).collect()
    }
}

/// Where tokens begin; the call site for no tokens.
pub(crate) fn span_of(tokens: &TokenStream) -> Span {
    tokens
        .clone()
        .into_iter()
        .next()
        .map_or_else(Span::call_site, |token| token.span())
}
