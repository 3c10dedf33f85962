//! What a step takes and hands on, and how a join's parts become its message.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::bounds::bounded;
use crate::expand::paths;
use crate::plan::StepPlan;
use crate::syntax::{Step, bare};

/// One by-value parameter is the message; several are a join's parts.
pub(super) fn input(step: &Step) -> TokenStream {
    match step.messages().as_slice() {
        [message] => message.to_token_stream(),
        parts => quote!((#(#parts,)*)),
    }
}

/// What a failure carries: a join may have failed before all parts had come.
pub(super) fn kept(step: &Step) -> TokenStream {
    match step.messages().as_slice() {
        [message] => message.to_token_stream(),
        parts => quote!((#(::core::option::Option<#parts>,)*)),
    }
}

/// The message as a failure keeps it.
pub(super) fn keeping(step: &Step) -> TokenStream {
    let parts = step.messages().len();
    if parts == 1 {
        return quote!(message);
    }
    let positions = (0..parts).map(Literal::usize_unsuffixed);
    quote!((#(::core::option::Option::Some(message.#positions),)*))
}

/// What the step hands on.
pub(super) struct Output<'a>(pub(super) &'a Step);

impl ToTokens for Output<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let wiring = paths::wiring();
        match &self.0.returns {
            None => tokens.extend(quote!(())),
            Some(ty) if self.0.is_fallible() => {
                tokens.extend(quote!(<#ty as #wiring::Fallible>::Ok));
            }
            Some(ty) => ty.to_tokens(tokens),
        }
    }
}

/// Concrete impls, so that an edge that brings something else is told what
/// would fit.
pub(super) fn takes(step: &Step) -> TokenStream {
    let wiring = paths::wiring();
    let target = step.target();
    let generics = bounded(step);
    let (parameters, _, bounds) = generics.split_for_impl();
    let messages = step.messages();
    if let [message] = messages.as_slice() {
        return quote! {
            #[automatically_derived]
            impl #parameters #wiring::Takes<#message> for #target #bounds {
                type By = #wiring::AsItIs;
            }
        };
    }
    let parts = messages.iter().enumerate().map(|(position, part)| {
        let position = Literal::usize_unsuffixed(position);
        quote! {
            #[automatically_derived]
            impl #parameters #wiring::TakesPart<#position, #part> for #target #bounds {
                fn take_part(kept: &mut Self::Kept, part: #part) {
                    kept.#position = ::core::option::Option::Some(part);
                }
            }
        }
    });
    let joined = join(step);
    let alone = alone(step);
    quote!(#(#parts)* #joined #alone)
}

/// An edge that leads to the join by itself is told that it does.
fn alone(step: &Step) -> TokenStream {
    let wiring = paths::wiring();
    let target = step.target();
    let message = Ident::new("__Message", Span::mixed_site());
    let mut generics = bounded(step);
    generics.params.push(syn::parse_quote!(#message));
    let clause = generics.make_where_clause();
    clause
        .predicates
        .push(syn::parse_quote!(#message: #wiring::LeadsToJoin<#target>));
    let (parameters, _, bounds) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters #wiring::Takes<#message> for #target #bounds {
            type By = #wiring::NotAtAll;
        }
    }
}

/// How the parts of a join become its message.
fn join(step: &Step) -> TokenStream {
    let wiring = paths::wiring();
    let target = step.target();
    let generics = bounded(step);
    let (parameters, _, bounds) = generics.split_for_impl();
    let messages = step.messages();
    let count = Literal::usize_unsuffixed(messages.len());
    let none = messages
        .iter()
        .map(|_| quote!(::core::option::Option::None));
    let positions: Vec<_> = (0..messages.len()).map(Literal::usize_unsuffixed).collect();
    let skips = messages
        .iter()
        .zip(&positions)
        .filter(|(part, _)| is_option(part))
        .map(|(_, position)| {
            quote! {
                #position => {
                    kept.#position = ::core::option::Option::Some(::core::option::Option::None);
                }
            }
        });
    quote! {
        #[automatically_derived]
        impl #parameters #wiring::Joins<#count> for #target #bounds {}
        #[automatically_derived]
        impl #parameters #wiring::Join for #target #bounds {
            const PARTS: usize = #count;
            fn nothing() -> Self::Kept {
                (#(#none,)*)
            }
            fn skip_part(kept: &mut Self::Kept, position: usize) {
                match position {
                    #(#skips)*
                    _ => {}
                }
            }
            fn complete(kept: Self::Kept) -> ::core::option::Option<Self::Input> {
                ::core::option::Option::Some((#(kept.#positions?,)*))
            }
        }
    }
}

/// A part that can be skipped is taken as an `Option`.
fn is_option(ty: &Type) -> bool {
    let Type::Path(ty) = bare(ty) else {
        return false;
    };
    let last = ty.path.segments.last();
    last.is_some_and(|segment| segment.ident == "Option")
}

/// A message that may be tried again is kept until then.
pub(super) fn keep(plan: &StepPlan) -> Option<TokenStream> {
    plan.retry.as_ref()?;
    let messages = plan.step.messages();
    let copies = match messages.as_slice() {
        [message] => {
            let wiring = paths::wiring_at(message.span());
            quote_spanned!(message.span()=> <Self as #wiring::Retries<#message>>::retry_clone)
        }
        parts => {
            let copies = parts.iter().enumerate().map(|(position, part)| {
                let wiring = paths::wiring_at(part.span());
                let position = Literal::usize_unsuffixed(position);
                quote_spanned!(part.span()=> <Self as #wiring::Retries<#part>>::retry_clone(&message.#position))
            });
            quote!(|message| (#(#copies,)*))
        }
    };
    Some(quote! {
        const KEEP: ::core::option::Option<fn(&Self::Input) -> Self::Input> =
            ::core::option::Option::Some(#copies);
    })
}
