//! Where nodes are named, in whatever can be read of a statement: an editor
//! helps most with the one that is being written.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Token, braced, token};

use super::{Node, boundary};
use crate::review::reserved_name::is_reserved;

/// The names outside brackets, and those behind the `=>` of arms.
pub(super) fn mentions(statement: &TokenStream) -> Vec<Node> {
    let mut nodes = Vec::new();
    let is_boundary = boundary::begins(statement);
    let parser = |input: ParseStream| {
        if is_boundary {
            of_boundary(input, &mut nodes)
        } else {
            of_statement(input, &mut nodes)
        }
    };
    // What cannot be read is told elsewhere.
    let _ = parser.parse2(statement.clone());
    nodes.retain(|node| !is_reserved(&node.name()));
    nodes
}

fn of_statement(input: ParseStream, nodes: &mut Vec<Node>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.peek(token::Brace) {
            let arms;
            braced!(arms in input);
            of_arms(&arms, nodes)?;
        } else {
            node_or_token(input, nodes)?;
        }
    }
    Ok(())
}

/// The steps in the braces; what stands before them names none.
fn of_boundary(input: ParseStream, nodes: &mut Vec<Node>) -> syn::Result<()> {
    while !input.is_empty() {
        if !input.peek(token::Brace) {
            input.parse::<TokenTree>()?;
            continue;
        }
        let steps;
        braced!(steps in input);
        while !steps.is_empty() {
            if boundary::is_next(&steps) {
                of_boundary(&steps, nodes)?;
            } else {
                node_or_token(&steps, nodes)?;
            }
        }
        return Ok(());
    }
    Ok(())
}

fn of_arms(input: ParseStream, nodes: &mut Vec<Node>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.peek(Token![=>]) {
            input.parse::<Token![=>]>()?;
            if !input.is_empty() {
                node_or_token(input, nodes)?;
            }
        } else {
            input.parse::<TokenTree>()?;
        }
    }
    Ok(())
}

fn node_or_token(input: ParseStream, nodes: &mut Vec<Node>) -> syn::Result<()> {
    let ahead = input.fork();
    match ahead.parse() {
        Ok(node) => {
            input.advance_to(&ahead);
            nodes.push(node);
        }
        Err(_) => {
            input.parse::<TokenTree>()?;
        }
    }
    Ok(())
}
