//! A step: the function as it was written, and its contract beside it.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, GenericParam, Type};

use super::paths::{self, local, local_at};
use crate::amount::Amount;
use crate::plan::StepPlan;
use crate::report::Report;
use crate::review::unmarked_retry;
use crate::syntax::{Kind, Parameter, Step, bare};

pub(crate) fn step(plan: &StepPlan) -> TokenStream {
    let item = &plan.step.item;
    let contract = contract_type(plan.step);
    let implementation = implementation(plan);
    let constants = constants(plan);
    let note = note(plan);
    quote! {
        // By value is the message and by reference the state, whatever is done
        // with them.
        #[allow(clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]
        #item
        #contract
        const _: () = {
            #(#constants)*
            #implementation
        };
        #note
    }
}

/// The function, the errors, and a contract with the right types, so that no
/// topology that names the step has errors of its own.
pub(crate) fn step_stub(step: &Step, report: &Report) -> TokenStream {
    let errors = report.render();
    let item = &step.item;
    if !step.can_be_a_step() {
        return quote!(#item #errors);
    }
    let contract = contract_type(step);
    let implementation = implementation(&StepPlan {
        step,
        kind: Kind::Stub,
        timeout: None,
        retry: None,
        is_idempotent: true,
    });
    quote! {
        #item
        #errors
        #contract
        const _: () = {
            #implementation
        };
    }
}

/// The braced struct of the same name, which lives among the types where the
/// function lives among the values.
fn contract_type(step: &Step) -> TokenStream {
    let Step {
        name,
        visibility,
        generics,
        ..
    } = step;
    let text = format!(" The contract of the step [`{name}()`].");
    let cfgs = cfgs(&step.rust_attributes);
    let (parameters, _, bounds) = generics.split_for_impl();
    let arguments = arguments(step);
    let fields = (!arguments.is_empty()).then(|| {
        let types = type_arguments(step);
        quote!(generics: ::core::marker::PhantomData<fn() -> (#(#types,)*)>)
    });
    quote! {
        #(#cfgs)*
        #[doc = #text]
        // Named like the function, and never made: it only carries constants.
        #[allow(non_camel_case_types, dead_code)]
        #visibility struct #name #parameters #bounds {
            #fields
        }
    }
}

fn cfgs(attributes: &[Attribute]) -> Vec<&Attribute> {
    let cfgs = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"));
    cfgs.collect()
}

fn arguments(step: &Step) -> Vec<TokenStream> {
    let parameters = step
        .generics
        .params
        .iter()
        .map(|parameter| match parameter {
            GenericParam::Type(ty) => ty.ident.to_token_stream(),
            GenericParam::Const(constant) => constant.ident.to_token_stream(),
            GenericParam::Lifetime(lifetime) => lifetime.to_token_stream(),
        });
    parameters.collect()
}

fn type_arguments(step: &Step) -> Vec<&Ident> {
    let types = step
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(ty) => Some(&ty.ident),
            _ => None,
        });
    types.collect()
}

fn implementation(plan: &StepPlan) -> TokenStream {
    let step = plan.step;
    let wiring = paths::wiring();
    let name = &step.name;
    let (parameters, arguments, bounds) = step.generics.split_for_impl();
    let contract = contract(plan);
    let input = input(step);
    let kept = kept(step);
    let output = output(step);
    let takes = takes(step);
    let keep = keep(plan);
    let keeping = keeping(step);
    let run = run(plan);
    let marker = marker(plan);
    quote! {
        #[automatically_derived]
        impl #parameters #wiring::WorkflowStep for #name #arguments #bounds {
            type Input = #input;
            type Kept = #kept;
            type Output = #output;
            const CONTRACT: #wiring::Contract = #contract;
            #keep
            fn kept(message: Self::Input) -> Self::Kept {
                #keeping
            }
        }
        #takes
        #run
        #marker
    }
}

/// What is declared, as a constant that other macros can add up.
fn contract(plan: &StepPlan) -> TokenStream {
    let wiring = paths::wiring();
    let name = plan.step.name.to_string();
    let kind = match plan.kind {
        Kind::Async => format_ident!("Async"),
        Kind::Inline | Kind::Stub => format_ident!("Inline"),
        Kind::Blocking => format_ident!("Blocking"),
    };
    let timeout = plan.timeout.as_ref().map(|timeout| {
        let value = paths::duration(timeout, &local("__TIMEOUT"));
        let span = timeout.tokens().span();
        quote_spanned!(span=> .timeout(#value))
    });
    let retry = plan.retry.as_ref().map(|retry| {
        let attempts = paths::count(&retry.attempts, &local("__ATTEMPTS"));
        let backoff = retry.backoff.as_ref().map(|(from, to)| {
            let from = paths::duration(from, &local("__BACKOFF_FROM"));
            let to = paths::duration(to, &local("__BACKOFF_TO"));
            quote!(.backoff(#from, #to))
        });
        quote!(.retry(#wiring::Retry::new(#attempts) #backoff))
    });
    let idempotent = plan.is_idempotent.then(|| quote!(.idempotent()));
    quote!(#wiring::Contract::new(#name, #wiring::Kind::#kind) #timeout #retry #idempotent)
}

/// One by-value parameter is the message; several are a join's parts.
fn input(step: &Step) -> TokenStream {
    match step.messages().as_slice() {
        [message] => message.to_token_stream(),
        parts => quote!((#(#parts,)*)),
    }
}

/// What a failure carries: a join may have failed before all parts had come.
fn kept(step: &Step) -> TokenStream {
    match step.messages().as_slice() {
        [message] => message.to_token_stream(),
        parts => quote!((#(::core::option::Option<#parts>,)*)),
    }
}

/// The message as a failure keeps it.
fn keeping(step: &Step) -> TokenStream {
    let parts = step.messages().len();
    if parts == 1 {
        return quote!(message);
    }
    let positions = (0..parts).map(Literal::usize_unsuffixed);
    quote!((#(::core::option::Option::Some(message.#positions),)*))
}

fn output(step: &Step) -> TokenStream {
    let wiring = paths::wiring();
    match &step.returns {
        None => quote!(()),
        Some(ty) if step.is_fallible() => quote!(<#ty as #wiring::Fallible>::Ok),
        Some(ty) => ty.to_token_stream(),
    }
}

/// Concrete impls, so that an edge that brings something else is told what
/// would fit.
fn takes(step: &Step) -> TokenStream {
    let wiring = paths::wiring();
    let name = &step.name;
    let (parameters, arguments, bounds) = step.generics.split_for_impl();
    let messages = step.messages();
    if let [message] = messages.as_slice() {
        return quote! {
            #[automatically_derived]
            impl #parameters #wiring::Takes<#message> for #name #arguments #bounds {
                fn take(message: #message) -> Self::Input {
                    message
                }
            }
        };
    }
    let parts = messages.iter().enumerate().map(|(position, part)| {
        let position = Literal::usize_unsuffixed(position);
        quote! {
            #[automatically_derived]
            impl #parameters #wiring::TakesPart<#position, #part> for #name #arguments #bounds {
                fn take_part(kept: &mut Self::Kept, part: #part) {
                    kept.#position = ::core::option::Option::Some(part);
                }
            }
        }
    });
    let joined = join(step);
    quote!(#(#parts)* #joined)
}

/// How the parts of a join become its message.
fn join(step: &Step) -> TokenStream {
    let wiring = paths::wiring();
    let name = &step.name;
    let (parameters, arguments, bounds) = step.generics.split_for_impl();
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
        impl #parameters #wiring::Joins<#count> for #name #arguments #bounds {}
        #[automatically_derived]
        impl #parameters #wiring::Join for #name #arguments #bounds {
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
fn keep(plan: &StepPlan) -> Option<TokenStream> {
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

fn run(plan: &StepPlan) -> TokenStream {
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

/// What other macros' obligations ask for.
fn marker(plan: &StepPlan) -> TokenStream {
    let step = plan.step;
    let wiring = paths::wiring();
    let name = &step.name;
    let (parameters, arguments, bounds) = step.generics.split_for_impl();
    let is_sink = match &step.returns {
        None => true,
        Some(ty) => step.is_fallible() && returns_unit(ty),
    };
    let sink = is_sink.then(|| {
        quote!(#[automatically_derived] impl #parameters #wiring::Sink for #name #arguments #bounds {})
    });
    let inline = (plan.kind == Kind::Inline).then(|| {
        quote!(#[automatically_derived] impl #parameters #wiring::Inline for #name #arguments #bounds {})
    });
    quote!(#sink #inline)
}

/// `Result<(), E>`, through whatever alias.
fn returns_unit(ty: &Type) -> bool {
    let Type::Path(ty) = bare(ty) else {
        return false;
    };
    let Some(last) = ty.path.segments.last() else {
        return false;
    };
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    matches!(
        arguments.args.first(),
        Some(syn::GenericArgument::Type(ty))
            if matches!(bare(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
    )
}

/// The constants that only the compiler can evaluate, each held against its
/// rule.
fn constants(plan: &StepPlan) -> Vec<TokenStream> {
    let mut constants = Vec::new();
    constants.extend(paths::constant(
        plan.timeout.as_ref(),
        &local("__TIMEOUT"),
        "timeout",
    ));
    let Some(retry) = &plan.retry else {
        return constants;
    };
    let attempts = Some(&retry.attempts);
    constants.extend(paths::constant(attempts, &local("__ATTEMPTS"), "attempts"));
    let Some((from, to)) = &retry.backoff else {
        return constants;
    };
    let (from_name, to_name) = (local("__BACKOFF_FROM"), local("__BACKOFF_TO"));
    constants.extend(paths::constant(Some(from), &from_name, "timeout"));
    constants.extend(paths::constant(Some(to), &to_name, "timeout"));
    if matches!(from, Amount::Const(_)) || matches!(to, Amount::Const(_)) {
        let span = from.tokens().span();
        let wiring = paths::wiring_at(span);
        let (from, to) = (
            paths::duration(from, &from_name),
            paths::duration(to, &to_name),
        );
        constants.push(quote_spanned!(span=> const _: () = #wiring::checked::backoff(#from, #to);));
    }
    constants
}

/// A warning: a deprecated constant named after the rule, used once.
fn note(plan: &StepPlan) -> Option<TokenStream> {
    if plan.retry.is_none() || plan.is_idempotent {
        return None;
    }
    let mut attributes = plan.step.attributes.iter();
    let retry = attributes.find(|attribute| attribute.key == "retry")?;
    let rule = Ident::new(unmarked_retry::RULE.name, Span::call_site());
    let text = unmarked_retry::text(&plan.step.name.to_string());
    let used = Ident::new(unmarked_retry::RULE.name, retry.key.span());
    Some(quote! {
        const _: () = {
            #[deprecated(note = #text)]
            #[allow(non_upper_case_globals)]
            const #rule: () = ();
            #used
        };
    })
}
