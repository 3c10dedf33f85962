//! A function with `#[workflow_step]`.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{
    Attribute as RustAttribute, FnArg, GenericParam, Generics, ReturnType, Signature, Type,
    Visibility,
};

use super::source::{Source, neither, returned_stream};
use super::types::{bare, borrows, is_context, is_shared, owned, returned, unnamed};
use super::{Parameter, Step};
use crate::report::{Fault, Report};
use crate::syntax::Attribute;

impl Step {
    /// Reads the signature of a function.
    pub(super) fn of_function(
        item: &TokenStream,
        attributes: Vec<Attribute>,
        report: &mut Report,
    ) -> Option<Self> {
        let parser = |input: ParseStream| {
            let rust_attributes = input.call(RustAttribute::parse_outer)?;
            let visibility: Visibility = input.parse()?;
            let signature: Signature = input.parse()?;
            input.parse::<TokenStream>()?;
            Ok((rust_attributes, visibility, signature))
        };
        let Ok((rust_attributes, visibility, signature)) = parser.parse2(item.clone()) else {
            report.push(Fault::unreadable(
                item,
                "a workflow step is a function, or the `impl` block of a stateful step",
            ));
            return None;
        };
        check_signature(&signature, report);
        let source = Source::read(&signature, report);
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
            block: None,
            source,
            name: signature.ident,
        })
    }
}

fn check_signature(signature: &Signature, report: &mut Report) {
    check_plain(signature, report);
    let is_message = |input: &FnArg| match input {
        FnArg::Typed(input) => !is_shared(&input.ty),
        FnArg::Receiver(_) => true,
    };
    if !signature.inputs.iter().any(is_message) && !Source::is_meant(signature) {
        let fault = Fault::unreadable(
            &signature.ident,
            format!("step `{}` takes no message", signature.ident),
        )
        .note("a by-value parameter is the message, a by-reference parameter is state");
        let fault = fault.help_if(by_value_instead(signature));
        report.push(fault.help(neither(signature)));
    }
}

/// What holds of functions and methods alike.
pub(super) fn check_plain(signature: &Signature, report: &mut Report) {
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
        if Source::is_meant(signature) {
            return;
        }
        if matches!(&**ty, Type::ImplTrait(_)) {
            let fault = unnamed(ty).help("collect into a `Vec`, or box what is returned");
            let stream = returned_stream(&signature.output);
            let help = stream.map(|_| "a source returns a stream, and takes no message".to_owned());
            report.push(fault.help_if(help));
        } else if borrows(ty) {
            report.push(
                Fault::unreadable(ty, format!("step `{}` returns a borrow", signature.ident))
                    .note("what a step returns waits in a queue, and owns what it holds")
                    .help("return it by value: `String` for `&str`, `Vec<T>` for `&[T]`, a clone or an `Arc`"),
            );
        }
    }
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

pub(super) fn without_lifetimes(mut generics: Generics) -> Generics {
    generics.params = generics
        .params
        .into_iter()
        .filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
        .collect();
    generics
}
