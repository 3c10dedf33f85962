//! A step that takes no message and returns a stream of them: a source.

use quote::ToTokens as _;
use syn::{FnArg, GenericArgument, ReturnType, Signature, TraitBound, Type, TypeParamBound};

use super::types::{arguments, bare, borrows, is_context, item, nameable, unnamed};
use crate::report::{Fault, Report};

/// What a source brings.
pub(crate) struct Source {
    /// What the stream's `Item` is set to.
    pub(crate) item: Type,
    /// What the messages carry.
    pub(crate) payload: Type,
    pub(crate) shape: Shape,
}

/// How an item carries its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `T`
    Plain,
    /// `Message<T>`, which brings its trace.
    Message,
    /// `Tracked<T>`
    Tracked,
    /// `Tracked<Message<T>>`
    TrackedMessage,
}

impl Source {
    /// `None` for a function that is no source, or whose stream does not say
    /// what it brings.
    pub(super) fn read(signature: &Signature, report: &mut Report) -> Option<Self> {
        let stream = stream(signature)?;
        let Some(item) = item(stream) else {
            let path = &stream.path;
            report.push(
                Fault::unreadable(path, "the stream of a source does not say what it brings")
                    .help("`impl Stream<Item = T>`"),
            );
            return None;
        };
        check(signature, item, report);
        let (payload, shape) = match carried(item, "Tracked") {
            Some(tracked) => match carried(tracked, "Message") {
                Some(payload) => (payload, Shape::TrackedMessage),
                None => (tracked, Shape::Tracked),
            },
            None => match carried(item, "Message") {
                Some(payload) => (payload, Shape::Message),
                None => (item, Shape::Plain),
            },
        };
        Some(Self {
            item: nameable(item),
            payload: nameable(payload),
            shape,
        })
    }

    /// Whether the function is meant to be a source: it takes no message and
    /// returns a stream.
    pub(super) fn is_meant(signature: &Signature) -> bool {
        stream(signature).is_some()
    }
}

/// What is not asked of other steps.
fn check(signature: &Signature, item: &Type, report: &mut Report) {
    let name = &signature.ident;
    if let Some(keyword) = &signature.asyncness {
        report.push(
            Fault::unreadable(keyword, format!("source `{name}` is no `async fn`"))
                .note("it makes its stream at once, and the stream waits for each item")
                .help(format!(
                    "make it a plain function, and let the stream do what has to be waited for: `fn {name}(..) -> impl Stream<..>`"
                )),
        );
    }
    for input in &signature.inputs {
        if let FnArg::Typed(input) = input
            && let Type::Reference(reference) = bare(&input.ty)
            && is_context(&reference.elem)
        {
            report.push(
                Fault::unreadable(input, "a source has no context")
                    .note("a context is that of a message, and a source begins them"),
            );
        }
    }
    if matches!(bare(item), Type::ImplTrait(_)) {
        report.push(unnamed(item).help("name it: `Item = T`"));
    } else if borrows(item) {
        report.push(
            Fault::unreadable(item, "a message cannot hold a borrow")
                .note("it waits in a queue, and owns what it holds")
                .help("bring what owns it: `String` for `&str`, `Vec<T>` for `&[T]`, an `Arc`"),
        );
    }
}

/// The `Stream` of `impl Stream<..> + ..`, if the function takes no message.
fn stream(signature: &Signature) -> Option<&TraitBound> {
    let is_message = |input: &FnArg| match input {
        FnArg::Typed(input) => !matches!(bare(&input.ty), Type::Reference(_)),
        FnArg::Receiver(_) => true,
    };
    if signature.inputs.iter().any(is_message) {
        return None;
    }
    returned_stream(&signature.output)
}

pub(super) fn returned_stream(output: &ReturnType) -> Option<&TraitBound> {
    let ReturnType::Type(_, ty) = output else {
        return None;
    };
    let Type::ImplTrait(ty) = bare(ty) else {
        return None;
    };
    ty.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last()?;
            (last.ident == "Stream").then_some(bound)
        }
        _ => None,
    })
}

/// `T` of a type whose last segment is `name<T>`.
fn carried<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(ty) = bare(ty) else {
        return None;
    };
    let last = ty.path.segments.last()?;
    if last.ident != name {
        return None;
    }
    arguments(last).find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// A function that takes no message, and returns no stream either.
pub(super) fn neither(signature: &Signature) -> String {
    let name = &signature.ident;
    let item = match &signature.output {
        ReturnType::Type(_, ty) if !matches!(bare(ty), Type::ImplTrait(_) | Type::Tuple(_)) => {
            ty.to_token_stream().to_string()
        }
        _ => "T".to_owned(),
    };
    format!(
        "a source takes none, and returns a stream: `fn {name}(..) -> impl Stream<Item = {item}>`"
    )
}
