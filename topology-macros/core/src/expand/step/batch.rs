//! How a step that takes a `Vec` takes a batch.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

use super::bounds::bounded;
use super::run::when;
use crate::expand::paths;
use crate::plan::StepPlan;
use crate::syntax::{Results, Step};

/// What the step takes and hands on for one message, in a batch or not.
pub(super) fn each(step: &Step) -> TokenStream {
    let wiring = paths::wiring();
    let Some(item) = step.item() else {
        return quote! {
            type Item = Self::Input;
            type Each = Self::Output;
        };
    };
    let each = match step.results() {
        Some(Results::None) => quote!(()),
        Some(Results::Plain(ty)) => ty.to_token_stream(),
        Some(Results::Fallible(ty)) => quote!(<#ty as #wiring::Fallible>::Ok),
        None => quote!(Self::Output),
    };
    quote! {
        type Item = #item;
        type Each = #each;
    }
}

/// One result for each message, if what the step takes and returns has that
/// shape.
pub(super) fn batches(plan: &StepPlan) -> Option<TokenStream> {
    let step = plan.step;
    let wiring = paths::wiring();
    step.item()?;
    let (output, results) = match step.results()? {
        Results::None => (quote!(_), quote!(#wiring::batch::none(sent))),
        Results::Plain(_) => (quote!(output), quote!(#wiring::batch::plain(output, sent))),
        Results::Fallible(ty) => {
            let when = when(plan, ty);
            (
                quote!(output),
                quote!(#wiring::batch::fallible(output, sent, #when)),
            )
        }
    };
    let target = step.target();
    let generics = bounded(step);
    let (parameters, _, bounds) = generics.split_for_impl();
    Some(quote! {
        #[automatically_derived]
        impl #parameters #wiring::Batches for #target #bounds {
            fn batch(messages: ::std::vec::Vec<Self::Item>) -> Self::Input {
                messages
            }
            fn copy(
                messages: &::std::vec::Vec<Self::Item>,
            ) -> ::core::option::Option<::std::vec::Vec<Self::Item>> {
                <Self as #wiring::WorkflowStep>::KEEP.map(|keep| keep(messages))
            }
            fn results(
                #output: Self::Output,
                sent: usize,
            ) -> ::std::vec::Vec<#wiring::Attempted<Self::Each>> {
                #results
            }
        }
    })
}
