//! `screen, settle else instead report [capacity = 16, timeout = 1s];`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Token, token};

use super::{Bracket, Node};

/// What becomes of the failures of some steps, or of all the others.
#[derive(Clone)]
pub(crate) struct ElseStatement {
    /// Empty: the default for the steps without their own.
    pub(crate) nodes: Vec<Node>,
    pub(crate) keyword: Token![else],
    pub(crate) outcome: Outcome,
}

#[derive(Clone)]
pub(crate) enum Outcome {
    Fail(Ident),
    Skip(Ident),
    Abort(Ident),
    /// `step [..]`, `instead step [..]`
    Step {
        instead: Option<Ident>,
        node: Node,
        bracket: Option<Bracket>,
    },
}

impl Parse for ElseStatement {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let nodes = if input.peek(Token![else]) {
            Vec::new()
        } else {
            let nodes = Punctuated::<Node, Token![,]>::parse_separated_nonempty(input)?;
            nodes.into_iter().collect()
        };
        Ok(Self {
            nodes,
            keyword: input.parse()?,
            outcome: input.parse()?,
        })
    }
}

impl Parse for Outcome {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let node: Node = input.parse()?;
        match node.word() {
            Some(word) if word == "fail" => return Ok(Self::Fail(word.clone())),
            Some(word) if word == "skip" => return Ok(Self::Skip(word.clone())),
            Some(word) if word == "abort" => return Ok(Self::Abort(word.clone())),
            _ => {}
        }
        let (instead, node) = match node.word() {
            Some(word) if word == "instead" => (Some(word.clone()), input.parse()?),
            _ => (None, node),
        };
        let bracket = if input.peek(token::Bracket) {
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self::Step {
            instead,
            node,
            bracket,
        })
    }
}

impl ToTokens for Outcome {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Fail(word) | Self::Skip(word) | Self::Abort(word) => word.to_tokens(tokens),
            Self::Step { instead, node, .. } => {
                instead.to_tokens(tokens);
                node.to_tokens(tokens);
            }
        }
    }
}
