//! What the types in a signature say by themselves.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{
    GenericArgument, PathArguments, PathSegment, ReturnType, TraitBound, Type, TypeParamBound,
};

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

/// What a function returns, as a contract can name it.
pub(super) fn returned(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match bare(ty) {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            other => Some(nameable(other)),
        },
    }
}

/// The type itself, or if it breaks a rule, the nearest that a contract can
/// name: the rule is the error, and the contract has none of its own.
pub(super) fn nameable(ty: &Type) -> Type {
    match ty {
        Type::ImplTrait(any) => {
            let mut bounds = any.bounds.iter();
            let item = bounds.find_map(|bound| match bound {
                TypeParamBound::Trait(bound) => item(bound),
                _ => None,
            });
            match item.map(nameable) {
                Some(item) => syn::parse_quote!(::std::vec::Vec<#item>),
                None => syn::parse_quote!(()),
            }
        }
        ty if borrows(ty) => {
            let tokens = lasting(ty.to_token_stream());
            syn::parse2(tokens).unwrap_or_else(|_| ty.clone())
        }
        ty => ty.clone(),
    }
}

/// The same tokens, each borrow for ever.
fn lasting(tokens: TokenStream) -> TokenStream {
    let mut lasting = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    let is_quote =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '\'');
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), self::lasting(group.stream()));
                inner.set_span(group.span());
                lasting.extend([TokenTree::Group(inner)]);
            }
            token if is_quote(&token) => {
                tokens.next();
                lasting.extend(quote!('static));
            }
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                lasting.extend([TokenTree::Punct(punct)]);
                if !tokens.peek().is_some_and(is_quote) {
                    lasting.extend(quote!('static));
                }
            }
            token => lasting.extend([token]),
        }
    }
    lasting
}

/// `Item = ..`
pub(super) fn item(bound: &TraitBound) -> Option<&Type> {
    arguments(bound.path.segments.last()?).find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => Some(&item.ty),
        _ => None,
    })
}

pub(super) fn arguments(segment: &PathSegment) -> impl Iterator<Item = &GenericArgument> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten()
}

/// A type whose last segment is `Result` is fallible.
pub(super) fn is_result(ty: Option<&Type>) -> bool {
    let Some(Type::Path(ty)) = ty.map(bare) else {
        return false;
    };
    let last = ty.path.segments.last();
    last.is_some_and(|segment| segment.ident == "Result")
}
