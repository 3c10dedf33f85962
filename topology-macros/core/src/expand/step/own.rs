//! The state of a stateful step: how it is made, lent to a method, and put back
//! behind it.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::returns_unit;
use super::run::{borrow, lent, names};
use crate::expand::paths::{self, local, located};
use crate::plan::StepPlan;
use crate::syntax::{Block, Kind, Method, Parameter};

/// What each replica keeps.
pub(super) fn own_type(plan: &StepPlan) -> TokenStream {
    match &plan.step.block {
        Some(Block { ty, .. }) if plan.kind != Kind::Stub => located(quote!(Self), &quote!(#ty)),
        _ => quote!(()),
    }
}

/// That the step has a state, and what it does by itself.
pub(super) fn declared(plan: &StepPlan) -> Option<TokenStream> {
    let block = plan.step.block.as_ref()?;
    let tick = plan.tick.as_ref().map(|tick| {
        let value = paths::duration(tick, &local("__TICK"));
        let span = tick.tokens().span();
        quote_spanned!(span=> .ticking(#value))
    });
    let finish = block.finish.as_ref().map(|_| quote!(.finishing()));
    (plan.kind != Kind::Stub).then(|| quote!(.stateful() #tick #finish))
}

/// The parameter for the state; `_` for a function.
pub(super) fn name(plan: &StepPlan) -> TokenStream {
    match &plan.step.block {
        Some(_) if plan.kind != Kind::Stub => {
            let own = local("own");
            quote!(#own)
        }
        _ => quote!(_),
    }
}

/// A method's work, with the state it works on.
pub(super) fn lend(plan: &StepPlan, work: &TokenStream) -> TokenStream {
    if plan.step.block.is_none() {
        return work.clone();
    }
    lent_to(work)
}

fn lent_to(work: &TokenStream) -> TokenStream {
    let wiring = paths::wiring();
    let (own, step) = (local("own"), local("step"));
    quote! {
        let mut #step = #wiring::lent(#own);
        #work
    }
}

/// Whoever gets here has not panicked, and was not given up.
pub(super) fn put_back() -> TokenStream {
    let (own, step) = (local("own"), local("step"));
    quote!(*#own = ::core::option::Option::Some(#step);)
}

pub(super) fn call(method: &Ident, parameters: &[TokenStream]) -> TokenStream {
    let step = local("step");
    quote_spanned!(method.span()=> Self::#method(&mut #step, #(#parameters),*))
}

/// Work on a thread of its own.
pub(super) fn on_thread(parameters: &[Parameter], work: &TokenStream) -> TokenStream {
    let wiring = paths::wiring();
    let own = local("own");
    let ((state, context), (lent_state, lent_context)) = (names(), lent(parameters));
    quote! {
        #wiring::blocking_own(#state, #context, #own, move |#lent_state, #lent_context, #own| { #work })
    }
}

/// The methods that take no message.
pub(super) fn methods(plan: &StepPlan, state: &Ident) -> TokenStream {
    let Some(block) = &plan.step.block else {
        return TokenStream::new();
    };
    if plan.kind == Kind::Stub {
        return TokenStream::new();
    }
    let made = made(block, state);
    let tick = block.tick.as_ref();
    let tick = tick.map(|method| occasion(plan, "tick", method, state));
    let finish = block.finish.as_ref();
    let finish = finish.map(|method| occasion(plan, "finish", method, state));
    quote!(#made #tick #finish)
}

/// `fn own(..)`: by `start`, or by `Default`.
fn made(block: &Block, state: &Ident) -> TokenStream {
    let wiring = paths::wiring();
    let (state_name, made) = match &block.start {
        Some(start) => {
            let (name, (state_name, _)) = (&start.name, lent(&start.parameters));
            let borrowed = start.parameters.iter().map(|one| borrow(one, &wiring));
            let call = quote_spanned!(name.span()=> Self::#name(#(#borrowed),*));
            (state_name, call)
        }
        None => {
            let ty = &block.ty;
            let started = located(quote!(#wiring::started::<#ty>), &quote!(#ty));
            (quote!(_), quote!(#started()))
        }
    };
    quote! {
        fn own(#state_name: &#wiring::Lent<#state>) -> ::core::option::Option<Self::Own> {
            ::core::option::Option::Some(#made)
        }
    }
}

/// `fn tick(..)`, `fn finish(..)`
fn occasion(plan: &StepPlan, name: &str, method: &Method, state: &Ident) -> TokenStream {
    let wiring = paths::wiring();
    let function = Ident::new(name, proc_macro2::Span::call_site());
    let own = local("own");
    let is_blocking = plan.kind == Kind::Blocking && !method.is_async;
    let (state_name, context_name) = if is_blocking {
        names()
    } else {
        lent(&method.parameters)
    };
    let work = work(method, name == "tick");
    let body = if is_blocking {
        on_thread(&method.parameters, &work)
    } else if method.is_async {
        quote!(async move { #work })
    } else {
        quote!(::core::future::ready({ #work }))
    };
    let result = quote!(#wiring::Attempted<::core::option::Option<Self::Output>>);
    quote! {
        #[allow(clippy::manual_async_fn)]
        fn #function(
            #state_name: &#wiring::Lent<#state>,
            #context_name: &#wiring::StepContext,
            #own: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<Output = #result> + ::core::marker::Send {
            #body
        }
    }
}

/// The call, and what goes on from it. Behind a `finish` nothing is put back.
fn work(method: &Method, goes_on: bool) -> TokenStream {
    let wiring = paths::wiring();
    let (step, returned) = (local("step"), local("returned"));
    let (name, put_back) = (&method.name, goes_on.then(put_back));
    let borrowed = method.parameters.iter().map(|one| borrow(one, &wiring));
    let lent = if method.consumes {
        quote!(#step)
    } else {
        quote!(&mut #step)
    };
    let awaited = method.is_async.then(|| quote!(.await));
    let call = quote_spanned!(name.span()=> Self::#name(#lent, #(#borrowed),*) #awaited);
    let work = match &method.returns {
        None => quote! {
            #call;
            #put_back
            #wiring::Attempted::Done(::core::option::Option::None)
        },
        Some(ty) => {
            let begun = begun(method, ty);
            quote! {
                let #returned = #call;
                #put_back
                #begun
            }
        }
    };
    let mutability = (!method.consumes).then(|| quote!(mut));
    let own = local("own");
    quote! {
        let #mutability #step = #wiring::lent(#own);
        #work
    }
}

/// What was returned, as a message that may begin.
fn begun(method: &Method, ty: &Type) -> TokenStream {
    let span = ty.span();
    let wiring = paths::wiring_at(span);
    let returned = paths::local_at("returned", span);
    let begun = quote_spanned!(span=> #wiring::Begins::<Self::Output>::begun);
    if !method.is_fallible() {
        return quote_spanned!(span=> #wiring::Attempted::Done(#returned).map(#begun));
    }
    let attempted = quote_spanned!(span=>
        #wiring::Fallible::attempted(#returned, ::core::option::Option::None)
    );
    if returns_unit(ty) {
        quote!(#attempted.map(|()| ::core::option::Option::None))
    } else {
        quote_spanned!(span=> #attempted.map(#begun))
    }
}
