//! `-> match { Verdict::Clear(order) => settle(order) [..], _ => discard }`.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Pat, Token, braced, parenthesized, token};

use super::{Bracket, Node};

/// The arms by which a message goes one way.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) keyword: Token![match],
    pub(crate) arms: Vec<Arm>,
}

#[derive(Clone)]
pub(crate) struct Arm {
    pub(crate) pattern: Pat,
    pub(crate) guard: Option<(Token![if], Box<Expr>)>,
    pub(crate) arrow: Token![=>],
    pub(crate) target: ArmTarget,
}

#[derive(Clone)]
pub(crate) enum ArmTarget {
    /// `discard`: the branch ends quietly.
    Discard,
    /// `settle(order) [..]`, `out(order) [..]`
    Node {
        node: Node,
        payload: Box<Expr>,
        bracket: Option<Bracket>,
    },
}

impl Parse for Route {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let keyword = input.parse()?;
        if !input.peek(token::Brace) {
            return Err(input.error(
                "expected the arms in braces: the step before the arrow is what is matched",
            ));
        }
        let body;
        braced!(body in input);
        let arms = Punctuated::<Arm, Token![,]>::parse_terminated(&body)?;
        Ok(Self {
            keyword,
            arms: arms.into_iter().collect(),
        })
    }
}

impl Parse for Arm {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = if input.peek(Token![if]) {
            Some((input.parse()?, input.parse()?))
        } else {
            None
        };
        Ok(Self {
            pattern,
            guard,
            arrow: input.parse()?,
            target: input.parse()?,
        })
    }
}

impl Parse for ArmTarget {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let node: Node = input.parse()?;
        if node.is("discard") {
            return Ok(Self::Discard);
        }
        let word = node.word().map(ToString::to_string);
        if let Some(word @ ("fail" | "skip" | "abort" | "instead")) = word.as_deref() {
            return Err(syn::Error::new_spanned(
                &node,
                format!(
                    "an arm cannot `{word}`: to end the branch quietly, `discard`; to fail the \
                     message, lead it to a step that returns `Err`"
                ),
            ));
        }
        if let Some(word @ ("each" | "all")) = word.as_deref() {
            return Err(syn::Error::new_spanned(
                &node,
                format!(
                    "an arm hands one message on; lead it to a step, and say `{word}` behind \
                     that: `step -> {word} next [..]`"
                ),
            ));
        }
        if !input.peek(token::Paren) {
            return Err(input.error(format!(
                "expected what `{name}` gets, in parentheses: `{name}(..)`",
                name = node.name()
            )));
        }
        let payload;
        parenthesized!(payload in input);
        let payload = payload.parse()?;
        let bracket = if input.peek(token::Bracket) {
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self::Node {
            node,
            payload,
            bracket,
        })
    }
}
