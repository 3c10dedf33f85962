//! A step that is a function of one message at a time. What all of them have in
//! common is in the runtime: a compiler reads it once, and not with each step.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::message::{input, keep, output, takes};
use super::run::{body, run};
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
    let target = step.target();
    let generics = bounded(step);
    let (parameters, _, bounds) = generics.split_for_impl();
    let contract = contract(plan);
    let (input, output) = (input(step), output(step));
    let keep = keep(plan);
    let takes = takes(step);
    let markers = markers(plan);
    let (alone, run) = if is_alone(plan) {
        (Some(alone(plan)), runs_alone(step))
    } else {
        (None, run(plan))
    };
    quote! {
        #[automatically_derived]
        impl #parameters #wiring::Function for #target #bounds {
            type Input = #input;
            type Output = #output;
            const CONTRACT: #wiring::Contract = #contract;
            #keep
            #alone
        }
        #takes
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
fn alone(plan: &StepPlan) -> TokenStream {
    let step = plan.step;
    let wiring = paths::wiring_at(step.span());
    let message = match plan.kind {
        Kind::Stub => quote!(_),
        _ => {
            let message = local("message");
            quote!(#message)
        }
    };
    let body = body(plan);
    quote_spanned! {step.span()=>
        fn run(
            #message: Self::Input,
        ) -> impl ::core::future::Future<Output = #wiring::Attempted<Self::Output>> + ::core::marker::Send {
            #body
        }
    }
}

/// That it does: a topology's state is what it has to be.
fn runs_alone(step: &Step) -> TokenStream {
    let wiring = paths::wiring_at(step.span());
    let target = step.target();
    let state = Ident::new("__State", Span::mixed_site());
    if step.generics.params.is_empty() && step.generics.where_clause.is_none() {
        return quote_spanned! {step.span()=>
            #[automatically_derived]
            impl<#state> #wiring::Step<#state> for #target {}
        };
    }
    let mut generics = bounded(step);
    generics.params.push(syn::parse_quote!(#state));
    let (parameters, _, bounds) = generics.split_for_impl();
    quote_spanned! {step.span()=>
        #[automatically_derived]
        impl #parameters #wiring::Step<#state> for #target #bounds {}
    }
}
