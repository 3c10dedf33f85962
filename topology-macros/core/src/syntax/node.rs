//! The name of a node: `in`, `out`, `screen`, `steps::parse::<Order>`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{AngleBracketedGenericArguments, Ident, Path, PathArguments, PathSegment, Token};

use crate::review::reserved_name::is_reserved;

/// A node as it was mentioned.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) path: Path,
}

impl Node {
    /// The mention when it is a single word.
    pub(crate) fn word(&self) -> Option<&Ident> {
        self.path.get_ident()
    }

    /// Whether it is this single word.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.word().is_some_and(|ident| ident == word)
    }

    /// The path of a function, which is no end of the topology.
    pub(crate) fn into_path(self) -> syn::Result<Path> {
        match self.word() {
            Some(word) if word == "in" || word == "match" => Err(keyword(word)),
            _ => Ok(self.path),
        }
    }

    /// As it was written, without spaces: `steps::parse::<Order>`.
    pub(crate) fn name(&self) -> String {
        if let Some(word) = self.word() {
            return word.to_string();
        }
        let text = self.path.to_token_stream().to_string();
        text.split_whitespace().collect()
    }
}

impl Parse for Node {
    /// Paths are read by hand: a type's path would take `settle(order)` for the
    /// arguments of an `Fn`, and no path may begin with `in`.
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let leading_colon: Option<Token![::]> = input.parse()?;
        let mut segments = Punctuated::new();
        loop {
            let is_name = input.peek(Ident);
            let word = Ident::parse_any(input).map_err(|error| {
                let is_end = input.is_empty();
                let before = if is_end {
                    "unexpected end of input, "
                } else {
                    ""
                };
                syn::Error::new(error.span(), format!("{before}expected the name of a step"))
            })?;
            let is_first = leading_colon.is_none() && segments.is_empty();
            let is_alone = is_first && !input.peek(Token![::]);
            let is_word = is_alone && is_reserved(&word.to_string());
            if !(is_name || is_word || is_root(&word)) {
                return Err(keyword(&word));
            }
            let mut segment = PathSegment::from(word);
            if input.peek(Token![::]) && input.peek3(Token![<]) {
                let arguments = AngleBracketedGenericArguments::parse_turbofish(input)?;
                segment.arguments = PathArguments::AngleBracketed(arguments);
            }
            segments.push_value(segment);
            if !input.peek(Token![::]) {
                break;
            }
            segments.push_punct(input.parse()?);
        }
        Ok(Self {
            path: Path {
                leading_colon,
                segments,
            },
        })
    }
}

fn keyword(word: &Ident) -> syn::Error {
    let text = format!("`{word}` is a keyword, and no name of a step");
    syn::Error::new(word.span(), text)
}

/// Whether paths may begin with this keyword.
fn is_root(word: &Ident) -> bool {
    ["crate", "self", "super"].iter().any(|root| word == root)
}

impl ToTokens for Node {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.path.to_tokens(tokens);
    }
}
