//! Tokens that are written straight among those around them. A stream of their own
//! would be several calls of the compiler, and what is written for each step and
//! edge is written often.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _};

use super::paths;

/// Where tokens are written, and where they stand.
pub(super) struct Written<'a> {
    tokens: &'a mut TokenStream,
    span: Span,
}

impl<'a> Written<'a> {
    pub(super) fn at(span: Span, tokens: &'a mut TokenStream) -> Self {
        Self { tokens, span }
    }

    pub(super) fn word(self, name: &str) -> Self {
        self.tokens.append(Ident::new(name, self.span));
        self
    }

    /// A name that means what it means where it comes from.
    pub(super) fn name(self, name: &Ident) -> Self {
        let mut name = name.clone();
        name.set_span(name.span().located_at(self.span));
        self.tokens.append(name);
        self
    }

    pub(super) fn mark(self, mark: char) -> Self {
        self.punct(mark, Spacing::Alone)
    }

    /// `::name`
    pub(super) fn path(self, name: &str) -> Self {
        self.colons().word(name)
    }

    pub(super) fn colons(self) -> Self {
        let colon = self.punct(':', Spacing::Joint);
        colon.punct(':', Spacing::Alone)
    }

    /// `__wiring::name`
    pub(super) fn here(self, name: &str) -> Self {
        self.word(paths::HERE).path(name)
    }

    pub(super) fn inside(self, delimiter: Delimiter, inner: TokenStream) -> Self {
        let mut group = Group::new(delimiter, inner);
        group.set_span(self.span);
        self.tokens.append(TokenTree::Group(group));
        self
    }

    pub(super) fn also(self, what: &impl ToTokens) -> Self {
        what.to_tokens(self.tokens);
        self
    }

    fn punct(self, mark: char, spacing: Spacing) -> Self {
        let mut punct = Punct::new(mark, spacing);
        punct.set_span(self.span);
        self.tokens.append(punct);
        self
    }
}
