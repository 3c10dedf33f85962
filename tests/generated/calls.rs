//! Chains of calls, which is all that expansions consist of.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Expr, Lit, Member, Token};

/// One call of a chain, or what a chain begins with.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) args: Vec<Expr>,
}

/// `a.b(c).d(e)` from the left: `a`, then `b`, then `d`. A path that is called
/// goes by its last name.
pub(crate) fn chain(expr: &Expr) -> Vec<Call> {
    match expr {
        Expr::MethodCall(call) => {
            let mut calls = chain(&call.receiver);
            calls.push(Call {
                name: call.method.to_string(),
                args: list(&call.args),
            });
            calls
        }
        Expr::Call(call) => vec![Call {
            name: ident(&call.func),
            args: list(&call.args),
        }],
        other => vec![Call {
            name: ident(other),
            args: Vec::new(),
        }],
    }
}

fn list(args: &Punctuated<Expr, Token![,]>) -> Vec<Expr> {
    args.iter().cloned().collect()
}

/// The last name of a path, or of what is borrowed, or a field.
pub(crate) fn ident(expr: &Expr) -> String {
    match expr {
        Expr::Path(path) => {
            let last = path.path.segments.last().expect("a path has a name");
            last.ident.to_string()
        }
        Expr::Reference(reference) => ident(&reference.expr),
        Expr::Field(_) => field(expr),
        other => panic!("not a name: {}", text(other)),
    }
}

/// `name` of `edges.name` or `&edges.name`.
pub(crate) fn field(expr: &Expr) -> String {
    match expr {
        Expr::Reference(reference) => field(&reference.expr),
        Expr::Field(field) => match &field.member {
            Member::Named(name) => name.to_string(),
            Member::Unnamed(_) => panic!("edges have names"),
        },
        other => panic!("not an edge: {}", text(other)),
    }
}

pub(crate) fn number(expr: &Expr) -> usize {
    match expr {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Int(number) => number.base10_parse().expect("a small number"),
            other => panic!("not a number: {}", text(other)),
        },
        other => panic!("not a number: {}", text(other)),
    }
}

/// `&[1, 2]`
pub(crate) fn numbers(expr: &Expr) -> Vec<usize> {
    match expr {
        Expr::Reference(reference) => numbers(&reference.expr),
        Expr::Array(array) => array.elems.iter().map(number).collect(),
        other => panic!("not a list: {}", text(other)),
    }
}

pub(crate) fn string(expr: &Expr) -> String {
    match expr {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Str(text) => text.value(),
            other => panic!("not a text: {}", text(other)),
        },
        other => panic!("not a text: {}", text(other)),
    }
}

pub(crate) fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}
