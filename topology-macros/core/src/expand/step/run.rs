//! How a step runs: a call of the function as it was written.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::bounds::bounded;
use super::function::is_function;
use super::{arguments, own};
use crate::expand::paths::{self, local, local_at, located};
use crate::plan::StepPlan;
use crate::syntax::{Kind, Parameter, Step};

pub(super) fn run(plan: &StepPlan) -> TokenStream {
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
    let body = body(plan);
    let result = quote!(#wiring::Attempted<Self::Output>);
    let (state_name, context_name) = borrowed(plan);
    let message = local("message");
    let own_name = own::name(plan);
    let others = own::methods(plan, &state);
    let run = if is_on_state(plan) {
        quote_spanned! {step.span()=>
            fn on(
                #message: Self::Input,
                #state_name: &#wiring::Lent<#state>,
            )
        }
    } else {
        quote_spanned! {step.span()=>
            fn run(
                #message: Self::Input,
                #state_name: &#wiring::Lent<#state>,
                #context_name: &#wiring::StepContext,
                #own_name: &mut ::core::option::Option<Self::Own>,
            )
        }
    };
    quote_spanned! {step.span()=>
        #[automatically_derived]
        impl #parameters #wiring::Step<#state> for #target #bounds {
            // The bound on the future is what an `async fn` could not say.
            #[allow(clippy::manual_async_fn)]
            #run -> impl ::core::future::Future<Output = #result> + ::core::marker::Send {
                #body
            }
            #others
        }
    }
}

/// Whether a function asks for state, and nothing else but its message.
fn is_on_state(plan: &StepPlan) -> bool {
    let mut parameters = plan.step.parameters.iter();
    let is_aware = parameters.any(|one| matches!(one, Parameter::Context));
    is_function(plan.step) && !is_aware && plan.kind != Kind::Blocking
}

/// The parameters for state and context; `_` for one that nothing needs.
fn borrowed(plan: &StepPlan) -> (TokenStream, TokenStream) {
    match plan.kind {
        Kind::Blocking => return names(),
        Kind::Stub => return (quote!(_), quote!(_)),
        _ => {}
    }
    lent(&plan.step.parameters)
}

/// The same, for parameters that are looked at.
pub(super) fn lent(parameters: &[Parameter]) -> (TokenStream, TokenStream) {
    let mut all = parameters.iter();
    let has_state = all.any(|parameter| matches!(parameter, Parameter::State(_)));
    let mut parameters = parameters.iter();
    let has_context = parameters.any(|parameter| matches!(parameter, Parameter::Context));
    let (state, context) = names();
    let state = if has_state { state } else { quote!(_) };
    let context = if has_context { context } else { quote!(_) };
    (state, context)
}

pub(super) fn names() -> (TokenStream, TokenStream) {
    let (state, context) = (local("state"), local("context"));
    (quote!(#state), quote!(#context))
}

/// The state types, each once.
pub(super) fn needs(step: &Step) -> Vec<&Type> {
    let mut needs: Vec<&Type> = Vec::new();
    for parameter in step.all_parameters() {
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

pub(super) fn body(plan: &StepPlan) -> TokenStream {
    let step = plan.step;
    let wiring = paths::wiring_at(step.span());
    let call = call(step);
    if plan.kind == Kind::Async && step.block.is_none() {
        return ended(plan, &call);
    }
    let work = match plan.kind {
        Kind::Async => finish(plan, &quote_spanned!(step.span()=> #call.await)),
        Kind::Inline | Kind::Blocking | Kind::Stub => finish(plan, &call),
    };
    let work = own::lend(plan, &work);
    match plan.kind {
        Kind::Async => quote_spanned!(step.span()=> async move { #work }),
        Kind::Inline => quote_spanned!(step.span()=> ::core::future::ready({ #work })),
        Kind::Stub => quote!(::core::future::pending()),
        Kind::Blocking if step.block.is_some() => own::on_thread(&step.parameters, &work),
        Kind::Blocking => {
            let ((state, context), (lent_state, lent_context)) = (names(), lent(&step.parameters));
            quote_spanned! {step.span()=>
                #wiring::blocking(#state, #context, move |#lent_state, #lent_context| { #work })
            }
        }
    }
}

/// The function, called with the message and what it borrows.
pub(super) fn call(step: &Step) -> TokenStream {
    let wiring = paths::wiring_at(step.span());
    let message = local("message");
    let messages = step.messages().len();
    let mut position = 0;
    let parameters = step.parameters.iter().map(|parameter| match parameter {
        Parameter::Message(_) if messages == 1 => quote!(#message),
        Parameter::Message(_) => {
            let index = Literal::usize_unsuffixed(position);
            position += 1;
            quote!(#message.#index)
        }
        borrowed => borrow(borrowed, &wiring),
    });
    let parameters: Vec<_> = parameters.collect();
    if step.block.is_some() {
        return own::call(step.called(), &parameters);
    }
    let name = &step.name;
    let types = arguments(step);
    let turbofish = (!types.is_empty()).then(|| quote!(::<#(#types),*>));
    quote_spanned!(step.span()=> #name #turbofish(#(#parameters),*))
}

/// What the call borrows.
pub(super) fn borrow(parameter: &Parameter, wiring: &paths::Path) -> TokenStream {
    let (state, context) = names();
    match parameter {
        Parameter::State(ty) => quote!(<_ as #wiring::Provide<#ty>>::provide(&**#state)),
        Parameter::Context => quote!(#context),
        Parameter::Message(_) => TokenStream::new(),
    }
}

/// The call, and what it returned as the runner looks at it.
fn finish(plan: &StepPlan, call: &TokenStream) -> TokenStream {
    let wiring = paths::wiring();
    let returned = local("returned");
    let step = plan.step;
    let put_back = step.block.as_ref().map(|_| own::put_back());
    match &step.returns {
        None => quote! {
            #call;
            #put_back
            #wiring::Attempted::Done(())
        },
        Some(ty) if step.is_fallible() => {
            let when = when_of_all(plan, ty);
            // Stands at the returned type, for an error that cannot be reported.
            let wiring = paths::wiring_at(ty.span());
            let value = local_at("returned", ty.span());
            let attempted = quote_spanned!(ty.span()=> #wiring::Fallible::attempted(#value, #when));
            quote! {
                let #returned = #call;
                #put_back
                #attempted
            }
        }
        Some(_) => quote! {
            let #returned = #call;
            #put_back
            #wiring::Attempted::Done(#returned)
        },
    }
}

/// The future of an `async` function, as the runner looks at it.
fn ended(plan: &StepPlan, call: &TokenStream) -> TokenStream {
    let step = plan.step;
    match &step.returns {
        Some(ty) if step.is_fallible() => {
            let when = when_of_all(plan, ty);
            // Stands at the returned type, for an error that cannot be reported.
            let wiring = paths::wiring_at(ty.span());
            quote_spanned! {ty.span()=>
                #wiring::attempted(#call, #wiring::Fallible::attempted, #when)
            }
        }
        _ => {
            let wiring = paths::wiring_at(step.span());
            quote_spanned!(step.span()=> #wiring::done(#call))
        }
    }
}

/// Which errors another attempt may help against, of what the step returns as a
/// whole: one that may fail on each message of a batch speaks of those failures.
fn when_of_all(plan: &StepPlan, returned: &Type) -> TokenStream {
    if plan.step.is_fallible_by_message() {
        quote!(::core::option::Option::None)
    } else {
        when(plan, returned)
    }
}

/// Which errors of `returned` another attempt may help against.
pub(super) fn when(plan: &StepPlan, returned: &Type) -> TokenStream {
    let when = plan.retry.as_ref().and_then(|retry| retry.when.as_ref());
    let Some(path) = when else {
        return quote!(::core::option::Option::None);
    };
    let wiring = paths::wiring();
    let name = local("when");
    // A filter for another error is told what it should be, and no more.
    let filter = located(
        quote!(fn(&<#returned as #wiring::Fallible>::Error) -> bool),
        &path.to_token_stream(),
    );
    quote!({
        let #name: #filter = #path;
        ::core::option::Option::Some(#name)
    })
}
