//! `#[workflow_step(..)]` and the signature it stands on.

use std::time::Duration;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{
    Attribute as RustAttribute, FnArg, GenericParam, Generics, Ident, ReturnType, Signature, Type,
    Visibility,
};

use super::Attribute;
use crate::amount::Amount;
use crate::report::{Fault, Report};

/// An annotated function: its signature, read; its body, as it was written.
pub(crate) struct Step {
    pub(crate) item: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) rust_attributes: Vec<RustAttribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// Types and constants only: what is borrowed is state.
    pub(crate) generics: Generics,
    pub(crate) is_async: bool,
    pub(crate) parameters: Vec<Parameter>,
    /// `None` for `()`.
    pub(crate) returns: Option<Type>,
    has_receiver: bool,
}

/// What a parameter stands for.
pub(crate) enum Parameter {
    /// By value: the message, or a part of it.
    Message(Box<Type>),
    /// By reference: state.
    State(Box<Type>),
    /// `&StepContext`
    Context,
}

/// How a step runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Async,
    Inline,
    Blocking,
    /// Not at all: it has faults, and only its types count.
    Stub,
}

/// `retry(..)`
pub(crate) struct Retry {
    pub(crate) attempts: Amount<usize>,
    pub(crate) backoff: Option<(Amount<Duration>, Amount<Duration>)>,
    pub(crate) when: Option<Box<syn::Expr>>,
}

impl Step {
    /// Reads the attribute and the signature. `None` if the item is no function
    /// that can be read.
    pub(crate) fn parse(
        arguments: TokenStream,
        item: &TokenStream,
        report: &mut Report,
    ) -> Option<Self> {
        let attributes = Attribute::parse_list
            .parse2(arguments)
            .map_err(|error| report.push_unreadable(&error))
            .unwrap_or_default();
        let parser = |input: ParseStream| {
            let rust_attributes = input.call(RustAttribute::parse_outer)?;
            let visibility: Visibility = input.parse()?;
            let signature: Signature = input.parse()?;
            input.parse::<TokenStream>()?;
            Ok((rust_attributes, visibility, signature))
        };
        let Ok((rust_attributes, visibility, signature)) = parser.parse2(item.clone()) else {
            report.push(Fault::unreadable(item, "a workflow step is a function"));
            return None;
        };
        check_signature(&signature, report);
        let parameters = signature
            .inputs
            .iter()
            .filter_map(|input| Parameter::read(input, report))
            .collect();
        Some(Self {
            item: item.clone(),
            attributes,
            rust_attributes,
            visibility,
            is_async: signature.asyncness.is_some(),
            has_receiver: signature.receiver().is_some(),
            generics: without_lifetimes(signature.generics.clone()),
            parameters,
            returns: returned(&signature.output),
            name: signature.ident,
        })
    }

    /// The by-value parameters: the message, or the parts of a join.
    pub(crate) fn messages(&self) -> Vec<&Type> {
        let messages = self
            .parameters
            .iter()
            .filter_map(|parameter| match parameter {
                Parameter::Message(ty) => Some(&**ty),
                _ => None,
            });
        messages.collect()
    }

    /// Whether its types say enough for a contract.
    pub(crate) fn can_be_a_step(&self) -> bool {
        !self.has_receiver && !self.messages().is_empty()
    }

    /// A return type whose last segment is `Result` is fallible.
    pub(crate) fn is_fallible(&self) -> bool {
        let Some(Type::Path(ty)) = self.returns.as_ref().map(bare) else {
            return false;
        };
        let last = ty.path.segments.last();
        last.is_some_and(|segment| segment.ident == "Result")
    }
}

impl Parameter {
    fn read(input: &FnArg, report: &mut Report) -> Option<Self> {
        let FnArg::Typed(input) = input else {
            report.push(
                Fault::unreadable(input, "a workflow step is a plain function, not a method").help(
                    "take what the step shares as state: `fn step(order: Order, books: &Books)`",
                ),
            );
            return None;
        };
        match bare(&input.ty) {
            Type::Reference(reference) if reference.mutability.is_some() => {
                report.push(
                    Fault::unreadable(reference, "state is shared and cannot be borrowed mutably")
                        .note("replicas of a step run at the same time on one state")
                        .help(
                            "take `&T` and let `T` guard what changes, with a mutex or an atomic",
                        ),
                );
                None
            }
            Type::Reference(reference) if is_context(&reference.elem) => Some(Self::Context),
            Type::Reference(reference) => {
                if let Type::ImplTrait(ty) = &*reference.elem {
                    report.push(
                        Fault::unreadable(ty, "state needs a type that can be named")
                            .help("name the type that the topology's state has"),
                    );
                }
                Some(Self::State(reference.elem.clone()))
            }
            Type::ImplTrait(_) => {
                report.push(
                    unnamed(&input.ty)
                        .help("name it with a type parameter: `fn step<T: Trait>(message: T)`"),
                );
                None
            }
            ty if is_context(ty) => {
                report.push(
                    Fault::unreadable(ty, "the context of a step is taken by reference")
                        .help(format!("`{}: &StepContext`", input.pat.to_token_stream())),
                );
                Some(Self::Context)
            }
            ty if borrows(ty) => {
                report.push(
                    Fault::unreadable(ty, "a message cannot hold a borrow")
                        .note("it waits in a queue, and owns what it holds")
                        .help(
                            "take what owns it: `String` for `&str`, `Vec<T>` for `&[T]`, an `Arc`",
                        ),
                );
                Some(Self::Message(input.ty.clone()))
            }
            _ => Some(Self::Message(input.ty.clone())),
        }
    }
}

fn check_signature(signature: &Signature, report: &mut Report) {
    if let Some(token) = &signature.abi {
        report.push(Fault::unreadable(
            token,
            "a workflow step has no foreign interface",
        ));
    }
    if let syn::Safety::Unsafe(token) = &signature.safety {
        report.push(
            Fault::unreadable(token, "a workflow step is safe to call")
                .help("keep what is unsafe inside, behind a function that is safe to call"),
        );
    }
    if let ReturnType::Type(_, ty) = &signature.output {
        if matches!(&**ty, Type::ImplTrait(_)) {
            report.push(unnamed(ty).help("collect into a `Vec`, or box what is returned"));
        } else if borrows(ty) {
            report.push(
                Fault::unreadable(ty, format!("step `{}` returns a borrow", signature.ident))
                    .note("what a step returns waits in a queue, and owns what it holds")
                    .help("return it by value: `String` for `&str`, `Vec<T>` for `&[T]`, a clone or an `Arc`"),
            );
        }
    }
    let is_message = |input: &FnArg| match input {
        FnArg::Typed(input) => !is_shared(&input.ty),
        FnArg::Receiver(_) => true,
    };
    if !signature.inputs.iter().any(is_message) {
        let fault = Fault::unreadable(
            &signature.ident,
            format!("step `{}` takes no message", signature.ident),
        )
        .note("a by-value parameter is the message, a by-reference parameter is state");
        report.push(fault.help_if(by_value_instead(signature)));
    }
}

fn is_shared(ty: &Type) -> bool {
    matches!(bare(ty), Type::Reference(reference) if reference.mutability.is_none())
}

fn unnamed(ty: &Type) -> Fault {
    Fault::unreadable(ty, "a message needs a type that can be named")
}

/// Whether a type holds a borrow that ends some time.
fn borrows(ty: &Type) -> bool {
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

/// The first by-reference parameter, as it would be taken by value.
fn by_value_instead(signature: &Signature) -> Option<String> {
    signature.inputs.iter().find_map(|input| match input {
        FnArg::Typed(input) => match bare(&input.ty) {
            Type::Reference(reference) if !is_context(&reference.elem) => {
                let name = input.pat.to_token_stream();
                let ty = owned(&reference.elem);
                Some(format!("take the message by value: `{name}: {ty}`"))
            }
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}

/// The type that owns what a borrow of this one shows.
fn owned(ty: &Type) -> String {
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

fn is_context(ty: &Type) -> bool {
    let Type::Path(ty) = bare(ty) else {
        return false;
    };
    let last = ty.path.segments.last();
    last.is_some_and(|segment| segment.ident == "StepContext")
}

fn returned(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match bare(ty) {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            other => Some(other.clone()),
        },
    }
}

fn without_lifetimes(mut generics: Generics) -> Generics {
    generics.params = generics
        .params
        .into_iter()
        .filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
        .collect();
    generics
}

impl Step {
    /// The span of the signature's name, for what is generated from it.
    pub(crate) fn span(&self) -> proc_macro2::Span {
        self.name.span()
    }
}
