//! A source: what its stream brings, and how that becomes a message.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};

use super::bounds::bounded;
use super::run::{borrow, needs};
use super::{arguments, contract};
use crate::expand::paths::{self, local, located};
use crate::plan::StepPlan;
use crate::syntax::{Kind, Shape, Source};

/// What a source is to a topology: a step that nothing leads to.
pub(super) fn source(plan: &StepPlan, source: &Source) -> TokenStream {
    let wiring = paths::wiring();
    let target = plan.step.target();
    let generics = bounded(plan.step);
    let (parameters, _, bounds) = generics.split_for_impl();
    let contract = contract(plan);
    let payload = &source.payload;
    let takes = takes(plan);
    let begins = begins(plan, source);
    quote! {
        #[automatically_derived]
        impl #parameters #wiring::WorkflowStep for #target #bounds {
            type Input = #wiring::NoInput;
            type Kept = #wiring::NoInput;
            type Output = #payload;
            type Item = Self::Input;
            type Each = Self::Output;
            type Own = ();
            type Inside<__Depth: #wiring::Depth> = ();
            #contract
            fn kept(message: Self::Input) -> Self::Kept {
                message
            }
        }
        #takes
        #begins
        #[automatically_derived]
        impl #parameters #wiring::Reactive for #target #bounds {}
    }
}

/// An edge that leads to the source is told that it does.
fn takes(plan: &StepPlan) -> TokenStream {
    let wiring = paths::wiring();
    let target = plan.step.target();
    let message = Ident::new("__Message", Span::mixed_site());
    let state = Ident::new("__State", Span::mixed_site());
    let mut taken = bounded(plan.step);
    taken.params.push(syn::parse_quote!(#message));
    taken
        .make_where_clause()
        .predicates
        .push(syn::parse_quote!(#message: #wiring::LeadsToSource<#target>));
    let (taken, _, leads) = taken.split_for_impl();
    let mut runs = bounded(plan.step);
    runs.params.push(syn::parse_quote!(#state));
    let (runs, _, bounds) = runs.split_for_impl();
    quote! {
        // Where something leads to it, that alone is the error.
        #[automatically_derived]
        impl #taken #wiring::Takes<#message> for #target #leads {
            type By = #wiring::NotAtAll;
        }
        #[automatically_derived]
        impl #runs #wiring::Step<#state> for #target #bounds {
            // Never called: nothing can be its message.
            fn run(
                _: Self::Input,
                _: &#wiring::Lent<#state>,
                _: &#wiring::StepContext,
                _: &mut ::core::option::Option<Self::Own>,
            ) -> impl ::core::future::Future<Output = #wiring::Attempted<Self::Output>> + ::core::marker::Send {
                ::core::future::pending()
            }
        }
    }
}

/// How the stream is made, and what becomes of its items.
fn begins(plan: &StepPlan, source: &Source) -> TokenStream {
    let step = plan.step;
    let wiring = paths::wiring_at(step.span());
    let target = step.target();
    let state = Ident::new("__State", Span::mixed_site());
    let mut generics = bounded(step);
    generics.params.push(syn::parse_quote!(#state));
    let needs = needs(step);
    let clause = generics.make_where_clause();
    clause.predicates.push(syn::parse_quote!(
        #state: ::core::marker::Send + ::core::marker::Sync + 'static
    ));
    for need in needs {
        clause
            .predicates
            .push(syn::parse_quote!(#state: #wiring::Provide<#need>));
    }
    let (parameters, _, bounds) = generics.split_for_impl();
    // Of one with faults, the payload is all that counts.
    let (item, shape) = match plan.kind {
        Kind::Stub => (quote!(Self::Output), Shape::Plain),
        _ => (source.item.to_token_stream(), source.shape),
    };
    let shape = match shape {
        Shape::Plain => format_ident!("plain"),
        Shape::Message => format_ident!("message"),
        Shape::Tracked => format_ident!("tracked"),
        Shape::TrackedMessage => format_ident!("tracked_message"),
    };
    let begun = located(quote!(#wiring::Item::#shape(brought)), &item);
    let (state_name, opened) = open(plan);
    quote_spanned! {step.span()=>
        #[automatically_derived]
        impl #parameters #wiring::Source<#state> for #target #bounds {
            type Brought = #item;
            fn open(
                #state_name: &#wiring::Lent<#state>,
            ) -> impl #wiring::Stream<Item = Self::Brought> + ::core::marker::Send {
                #opened
            }
            fn begin(brought: Self::Brought) -> #wiring::Item<Self::Output> {
                #begun
            }
        }
    }
}

/// The function, called with what it borrows.
fn open(plan: &StepPlan) -> (TokenStream, TokenStream) {
    let step = plan.step;
    let wiring = paths::wiring_at(step.span());
    if plan.kind == Kind::Stub {
        return (quote!(_), quote!(#wiring::Dry::default()));
    }
    let name = &step.name;
    let borrowed: Vec<_> = step
        .parameters
        .iter()
        .map(|parameter| borrow(parameter, &wiring))
        .collect();
    let types = arguments(step);
    let turbofish = (!types.is_empty()).then(|| quote!(::<#(#types),*>));
    let state = if borrowed.is_empty() {
        quote!(_)
    } else {
        let state = local("state");
        quote!(#state)
    };
    let call = quote_spanned!(step.span()=> #name #turbofish(#(#borrowed),*));
    (state, call)
}
