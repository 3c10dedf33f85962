//! What the types in a signature say by themselves.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{ReturnType, Type};

use crate::report::Fault;

pub(super) fn is_shared(ty: &Type) -> bool {
    matches!(bare(ty), Type::Reference(reference) if reference.mutability.is_none())
}

pub(super) fn unnamed(ty: &Type) -> Fault {
    Fault::unreadable(ty, "a message needs a type that can be named")
}

/// Whether a type holds a borrow that ends some time.
pub(super) fn borrows(ty: &Type) -> bool {
    let mut tokens = flatten(ty.to_token_stream()).into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Punct(punct) = token else {
            continue;
        };
        let is_static = |next: Option<&TokenTree>| matches!(next, Some(TokenTree::Ident(word)) if word == "static" || word == "_static");
        match punct.as_char() {
            '\'' if !is_static(tokens.peek()) => return true,
            '&' if !matches!(tokens.peek(), Some(TokenTree::Punct(quote)) if quote.as_char() == '\'') =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

fn flatten(tokens: TokenStream) -> Vec<TokenTree> {
    let mut flat = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => flat.extend(flatten(group.stream())),
            token => flat.push(token),
        }
    }
    flat
}

/// The type that owns what a borrow of this one shows.
pub(super) fn owned(ty: &Type) -> String {
    let text = |ty: &Type| ty.to_token_stream().to_string().replace(" :: ", "::");
    match ty {
        Type::Slice(slice) => format!("Vec<{}>", text(&slice.elem)),
        Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
        Type::Path(path) if path.path.is_ident("Path") => "PathBuf".to_owned(),
        other => text(other),
    }
}

/// A type without the invisible brackets that a macro puts around it.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        other => other,
    }
}

pub(super) fn is_context(ty: &Type) -> bool {
    let Type::Path(ty) = bare(ty) else {
        return false;
    };
    let last = ty.path.segments.last();
    last.is_some_and(|segment| segment.ident == "StepContext")
}

pub(super) fn returned(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match bare(ty) {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            other => Some(other.clone()),
        },
    }
}

/// A type whose last segment is `Result` is fallible.
pub(super) fn is_result(ty: Option<&Type>) -> bool {
    let Some(Type::Path(ty)) = ty.map(bare) else {
        return false;
    };
    let last = ty.path.segments.last();
    last.is_some_and(|segment| segment.ident == "Result")
}
