//! One statement of a topology, up to its `;`.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Attribute, Ident, Path, Token, token};

use super::waiver::{Waiver, waivers};
use super::{Boundary, Bracket, Chain, ElseStatement, Node, boundary};
use crate::report::Report;
use crate::review::waivers::idle;

#[derive(Clone)]
pub(crate) enum Statement {
    Use(UseStatement),
    Chain(Chain),
    Else(ElseStatement),
    Node(NodeStatement),
    Boundary(Boundary),
}

/// `use path::f as name;`
#[derive(Clone)]
pub(crate) struct UseStatement {
    pub(crate) path: Path,
    pub(crate) name: Ident,
}

/// `settle [replicas = 4];`
#[derive(Clone)]
pub(crate) struct NodeStatement {
    pub(crate) node: Node,
    pub(crate) bracket: Bracket,
    pub(crate) waived: Vec<Waiver>,
}

impl Statement {
    /// Reads one statement; what cannot be read is reported and left out, and
    /// the next statement is read all the same.
    pub(crate) fn parse(tokens: &TokenStream, report: &mut Report) -> Option<Self> {
        let is_boundary = boundary::begins(tokens);
        let mut outside = tokens.clone().into_iter();
        let is_else =
            outside.any(|token| matches!(token, TokenTree::Ident(word) if word == "else"));
        let parser = |input: ParseStream| {
            let attributes = input.call(Attribute::parse_outer)?;
            let waived = waivers(&attributes, report);
            let is_noted = !input.peek(Token![use]) && !is_else && !is_boundary;
            if let (Some(Waiver { rule, .. }), false) = (waived.first(), is_noted) {
                report.push(idle(rule));
            }
            if input.peek(Token![use]) {
                input.parse().map(Self::Use)
            } else if is_boundary {
                input.parse().map(Self::Boundary)
            } else if is_else {
                input.parse().map(Self::Else)
            } else if is_node(input) {
                NodeStatement::parse(input, waived).map(Self::Node)
            } else {
                Chain::parse(input, waived, report).map(Self::Chain)
            }
        };
        let statement = parser.parse2(tokens.clone());
        statement
            .map_err(|error| report.push_unreadable_in(&error, tokens))
            .ok()
    }
}

fn is_node(input: ParseStream) -> bool {
    let ahead = input.fork();
    ahead.parse::<Node>().is_ok() && ahead.peek(token::Bracket)
}

impl Parse for UseStatement {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        input.parse::<Token![use]>()?;
        let path = input.parse::<Node>()?.into_path()?;
        if !input.peek(Token![as]) {
            return Err(input.error("expected `as` and the name of the node"));
        }
        input.parse::<Token![as]>()?;
        Ok(Self {
            path,
            name: input.call(syn::ext::IdentExt::parse_any)?,
        })
    }
}

impl NodeStatement {
    fn parse(input: ParseStream, waived: Vec<Waiver>) -> syn::Result<Self> {
        Ok(Self {
            node: input.parse()?,
            bracket: input.parse()?,
            waived,
        })
    }
}
