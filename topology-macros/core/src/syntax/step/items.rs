//! The items of an `impl` block, without the attributes that only this macro
//! reads.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute as RustAttribute, Meta, Path, Signature, Token, Visibility, token};

use crate::syntax::Attribute;

/// One item: a method, or something that a step does not look at.
pub(super) struct Item {
    /// As it stays.
    pub(super) tokens: TokenStream,
    pub(super) method: Option<Annotated>,
}

/// A method, and what its own `#[workflow_step(..)]` says.
pub(super) struct Annotated {
    pub(super) signature: Signature,
    pub(super) attribute: Option<Inner>,
}

/// `#[workflow_step(..)]` inside the block.
pub(super) struct Inner {
    pub(super) path: Path,
    pub(super) attributes: syn::Result<Vec<Attribute>>,
}

impl Parse for Item {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut attributes = input.call(RustAttribute::parse_outer)?;
        let ours = attributes.iter().position(is_ours);
        let attribute = ours.map(|position| Inner::read(&attributes.remove(position)));
        let mut tokens = quote!(#(#attributes)*);
        let method = match method(input, &mut tokens) {
            Some(signature) => Some(Annotated {
                signature,
                attribute,
            }),
            None => {
                rest(input, &mut tokens)?;
                None
            }
        };
        Ok(Self { tokens, method })
    }
}

impl Inner {
    fn read(attribute: &RustAttribute) -> Self {
        let attributes = match &attribute.meta {
            Meta::Path(_) => Ok(Vec::new()),
            _ => attribute.parse_args_with(Attribute::parse_list),
        };
        Self {
            path: attribute.path().clone(),
            attributes,
        }
    }
}

fn is_ours(attribute: &RustAttribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|segment| segment.ident == "workflow_step")
}

/// A method, with its body as it was written.
fn method(input: ParseStream, tokens: &mut TokenStream) -> Option<Signature> {
    let ahead = input.fork();
    let visibility: Visibility = ahead.parse().ok()?;
    let signature: Signature = ahead.parse().ok()?;
    let body: TokenTree = ahead.parse().ok()?;
    tokens.extend(quote!(#visibility #signature #body));
    input.advance_to(&ahead);
    Some(signature)
}

/// Whatever else may stand in a block: up to its semicolon, or its braces.
fn rest(input: ParseStream, tokens: &mut TokenStream) -> syn::Result<()> {
    let is_value = {
        let ahead = input.fork();
        ahead.parse::<Visibility>().is_ok()
            && (ahead.peek(Token![const]) || ahead.peek(Token![type]))
    };
    while !input.is_empty() {
        let is_end = input.peek(Token![;]) || (!is_value && input.peek(token::Brace));
        input.parse::<TokenTree>()?.to_tokens(tokens);
        if is_end {
            break;
        }
    }
    Ok(())
}
