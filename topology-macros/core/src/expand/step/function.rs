//! A step that is a function of one message at a time. What all of them have in
//! common is in the runtime: a compiler reads it once, and not with each step.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::message::{Output, keep};
use super::run::{body, call, run};
use super::{bounds::bounded, contract, markers};
use crate::expand::paths::{self, local};
use crate::plan::StepPlan;
use crate::syntax::{Kind, Parameter, Step};

/// Whether the step is no join, takes no batches, and has nothing of its own.
pub(super) fn is_function(step: &Step) -> bool {
    step.block.is_none() && step.messages().len() == 1 && step.item().is_none()
}

pub(super) fn function(plan: &StepPlan) -> TokenStream {
    let step = plan.step;
    let wiring = paths::wiring();
    let (name, message) = (&step.name, step.messages()[0]);
    let (_, arguments, _) = step.generics.split_for_impl();
    let generics = bounded(step);
    let (parameters, _, bounds) = generics.split_for_impl();
    let contract = contract(plan);
    let output = Output(step);
    let keep = keep(plan);
    let markers = markers(plan);
    let (alone, run) = if is_alone(plan) {
        (alone(plan), runs_alone(step))
    } else {
        (None, run(plan))
    };
    quote! {
        #[automatically_derived]
        impl #parameters #wiring::Function for #name #arguments #bounds {
            type Input = #message;
            type Output = #output;
            #contract
            #keep
            #alone
        }
        impl #parameters #wiring::Takes<#message> for #name #arguments #bounds {
            type By = #wiring::AsItIs;
        }
        #run
        #markers
    }
}

/// Whether the step asks for nothing but its message.
fn is_alone(plan: &StepPlan) -> bool {
    let mut parameters = plan.step.parameters.iter();
    let asks = parameters.any(|one| !matches!(one, Parameter::Message(_)));
    !asks && plan.kind != Kind::Blocking
}

/// How it runs, whatever the state.
fn alone(plan: &StepPlan) -> Option<TokenStream> {
    let step = plan.step;
    let (name, message) = (local("message"), step.messages()[0]);
    let output = Output(step);
    let body = match plan.kind {
        Kind::Stub => return None,
        Kind::Async if !step.is_fallible() => {
            // What it returns is what it hands on: the runtime sees to the rest.
            let call = call(step);
            return Some(quote_spanned! {step.span()=>
                fn work(
                    #name: #message,
                ) -> impl ::core::future::Future<Output = #output> + ::core::marker::Send {
                    #call
                }
            });
        }
        _ => body(plan),
    };
    let wiring = paths::wiring_at(step.span());
    Some(quote_spanned! {step.span()=>
        fn run(
            #name: #message,
        ) -> impl ::core::future::Future<Output = #wiring::Attempted<Self::Output>> + ::core::marker::Send {
            #body
        }
    })
}

/// That it does: a topology's state is what it has to be.
fn runs_alone(step: &Step) -> TokenStream {
    let wiring = paths::wiring_at(step.span());
    let state = Ident::new("__State", Span::mixed_site());
    let (name, (_, arguments, _)) = (&step.name, step.generics.split_for_impl());
    if step.generics.params.is_empty() && step.generics.where_clause.is_none() {
        return quote_spanned! {step.span()=>
            impl<#state> #wiring::Step<#state> for #name {}
        };
    }
    let mut generics = bounded(step);
    generics.params.push(syn::parse_quote!(#state));
    let (parameters, _, bounds) = generics.split_for_impl();
    quote_spanned! {step.span()=>
        impl #parameters #wiring::Step<#state> for #name #arguments #bounds {}
    }
}
