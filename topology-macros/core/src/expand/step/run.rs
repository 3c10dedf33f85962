//! How a step runs: a call of the function as it was written.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::arguments;
use crate::expand::paths::{self, local, local_at};
use crate::plan::StepPlan;
use crate::syntax::{Kind, Parameter, Step};

pub(super) fn run(plan: &StepPlan) -> TokenStream {
    let step = plan.step;
    let wiring = paths::wiring_at(step.span());
    let name = &step.name;
    let state = Ident::new("__State", Span::mixed_site());
    let mut generics = step.generics.clone();
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
    let (_, arguments, _) = step.generics.split_for_impl();
    let body = body(plan);
    let result = quote!(#wiring::Attempted<Self::Output>);
    let (state_name, context_name) = borrowed(plan);
    let message = local("message");
    quote_spanned! {step.span()=>
        #[automatically_derived]
        impl #parameters #wiring::Step<#state> for #name #arguments #bounds {
            // The bound on the future is what an `async fn` could not say.
            #[allow(clippy::manual_async_fn)]
            fn run(
                #message: Self::Input,
                #state_name: &::std::sync::Arc<#state>,
                #context_name: &#wiring::StepContext,
            ) -> impl ::core::future::Future<Output = #result> + ::core::marker::Send {
                #body
            }
        }
    }
}

/// The parameters for state and context; `_` for one that nothing needs.
fn borrowed(plan: &StepPlan) -> (TokenStream, TokenStream) {
    match plan.kind {
        Kind::Blocking => return names(),
        Kind::Stub => return (quote!(_), quote!(_)),
        _ => {}
    }
    lent(plan.step)
}

fn lent(step: &Step) -> (TokenStream, TokenStream) {
    let mut parameters = step.parameters.iter();
    let has_state = parameters.any(|parameter| matches!(parameter, Parameter::State(_)));
    let mut parameters = step.parameters.iter();
    let has_context = parameters.any(|parameter| matches!(parameter, Parameter::Context));
    let (state, context) = names();
    let state = if has_state { state } else { quote!(_) };
    let context = if has_context { context } else { quote!(_) };
    (state, context)
}

fn names() -> (TokenStream, TokenStream) {
    let (state, context) = (local("state"), local("context"));
    (quote!(#state), quote!(#context))
}

/// The state types, each once.
fn needs(step: &Step) -> Vec<&Type> {
    let mut needs: Vec<&Type> = Vec::new();
    for parameter in &step.parameters {
        if let Parameter::State(ty) = parameter {
            let text = ty.to_token_stream().to_string();
            if !needs
                .iter()
                .any(|need| need.to_token_stream().to_string() == text)
            {
                needs.push(ty);
            }
        }
    }
    needs
}

fn body(plan: &StepPlan) -> TokenStream {
    let step = plan.step;
    let wiring = paths::wiring_at(step.span());
    let call = call(step);
    let work = match plan.kind {
        Kind::Async => finish(plan, &quote_spanned!(step.span()=> #call.await)),
        Kind::Inline | Kind::Blocking | Kind::Stub => finish(plan, &call),
    };
    match plan.kind {
        Kind::Async => quote_spanned!(step.span()=> async move { #work }),
        Kind::Inline => quote_spanned!(step.span()=> ::core::future::ready({ #work })),
        Kind::Stub => quote!(::core::future::pending()),
        Kind::Blocking => {
            let ((state, context), (lent_state, lent_context)) = (names(), lent(step));
            quote_spanned! {step.span()=>
                #wiring::blocking(#state, #context, move |#lent_state, #lent_context| { #work })
            }
        }
    }
}

/// The function, called with the message and what it borrows.
fn call(step: &Step) -> TokenStream {
    let wiring = paths::wiring_at(step.span());
    let name = &step.name;
    let message = local("message");
    let (state, context) = names();
    let messages = step.messages().len();
    let mut position = 0;
    let parameters = step.parameters.iter().map(|parameter| match parameter {
        Parameter::Message(_) if messages == 1 => quote!(#message),
        Parameter::Message(_) => {
            let index = Literal::usize_unsuffixed(position);
            position += 1;
            quote!(#message.#index)
        }
        Parameter::State(ty) => quote!(<_ as #wiring::Provide<#ty>>::provide(&**#state)),
        Parameter::Context => quote!(#context),
    });
    let parameters: Vec<_> = parameters.collect();
    let types = arguments(step);
    let turbofish = (!types.is_empty()).then(|| quote!(::<#(#types),*>));
    quote_spanned!(step.span()=> #name #turbofish(#(#parameters),*))
}

/// The call, and what it returned as the runner looks at it.
fn finish(plan: &StepPlan, call: &TokenStream) -> TokenStream {
    let wiring = paths::wiring();
    let returned = local("returned");
    let step = plan.step;
    match &step.returns {
        None => quote! {
            #call;
            #wiring::Attempted::Done(())
        },
        Some(ty) if step.is_fallible() => {
            let when = plan.retry.as_ref().and_then(|retry| retry.when.as_ref());
            let when = if let Some(path) = when {
                quote!(::core::option::Option::Some(#path))
            } else {
                quote!(::core::option::Option::None)
            };
            // Stands at the returned type, for an error that cannot be reported.
            let wiring = paths::wiring_at(ty.span());
            let value = local_at("returned", ty.span());
            let attempted = quote_spanned!(ty.span()=> #wiring::Fallible::attempted(#value, #when));
            quote! {
                let #returned = #call;
                #attempted
            }
        }
        Some(_) => quote! {
            let #returned = #call;
            #wiring::Attempted::Done(#returned)
        },
    }
}
