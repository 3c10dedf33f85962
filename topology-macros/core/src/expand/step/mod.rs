//! A step: the function as it was written, and its contract beside it.

mod batch;
mod bounds;
mod function;
mod message;
mod own;
mod run;
mod source;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, GenericParam, Type};

use self::bounds::bounded;
use self::message::{Output, input, keep, keeping, kept, takes};
use self::run::run;
use super::paths::{self, local};
use super::text;
use crate::amount::Amount;
use crate::plan::StepPlan;
use crate::report::Report;
use crate::review::unmarked_retry;
use crate::syntax::{Block, Kind, Parameter, Step, bare};

/// A step that obeys every rule.
pub(crate) fn step(plan: &StepPlan) -> TokenStream {
    let item = &plan.step.item;
    let contract = contract_type(plan.step);
    let implementation = implementation(plan);
    let constants = constants(plan);
    let note = note(plan);
    let cfgs = block_cfgs(plan.step);
    let allowed = allowed(plan.step);
    // A constant around it is one more body for the compiler.
    let stands_alone = constants.is_empty()
        && function::is_function(plan.step)
        && plan.step.generics.where_clause.is_none();
    let hidden = if stands_alone {
        implementation
    } else {
        quote! {
            #(#cfgs)*
            #[allow(trivial_bounds)]
            const _: () = {
                #(#constants)*
                #implementation
            };
        }
    };
    let all = [allowed, Some(item.clone()), contract, Some(hidden), note];
    all.into_iter().flatten().collect()
}

/// By value is the message and by reference the state, whatever is done with
/// them; and a method of a stateful step takes `self`. Of an `async` function
/// nobody asks.
fn allowed(step: &Step) -> Option<TokenStream> {
    if step.block.is_none() && step.is_async {
        return None;
    }
    let unused_self = step.block.as_ref().map(|_| quote!(, clippy::unused_self));
    Some(quote! {
        #[allow(clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref #unused_self)]
    })
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
        tick: None,
    });
    quote! {
        #item
        #errors
        #contract
        #[allow(trivial_bounds)]
        const _: () = {
            #implementation
        };
    }
}

/// What holds for a block holds for its contract.
fn block_cfgs(step: &Step) -> Vec<&Attribute> {
    match &step.block {
        Some(_) => cfgs(&step.rust_attributes),
        None => Vec::new(),
    }
}

/// The braced struct of the same name, which lives among the types where the
/// function lives among the values. A stateful step has its type already.
fn contract_type(step: &Step) -> Option<TokenStream> {
    if step.block.is_some() {
        return None;
    }
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
    Some(quote! {
        #(#cfgs)*
        #[doc = #text]
        // Named like the function, and never made: it only carries constants.
        #[allow(non_camel_case_types, dead_code)]
        #visibility struct #name #parameters #bounds {
            #fields
        }
    })
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
    if let Some(source) = &step.source {
        return source::source(plan, source);
    }
    if function::is_function(step) {
        return function::function(plan);
    }
    let wiring = paths::wiring();
    let target = step.target();
    let generics = bounded(step);
    let (parameters, _, bounds) = generics.split_for_impl();
    let contract = contract(plan);
    let input = input(step);
    let kept = kept(step);
    let output = Output(step);
    let takes = takes(step);
    let keep = keep(plan);
    let keeping = keeping(step);
    let each = batch::each(step);
    let batches = batch::batches(plan);
    let run = run(plan);
    let own = own::own_type(plan);
    let markers = markers(plan);
    let reactive = reactive(plan);
    let single = single(step);
    quote! {
        #[automatically_derived]
        impl #parameters #wiring::WorkflowStep for #target #bounds {
            type Input = #input;
            type Kept = #kept;
            type Output = #output;
            #each
            type Own = #own;
            type Inside<__Depth: #wiring::Depth> = ();
            #contract
            #keep
            fn kept(message: Self::Input) -> Self::Kept {
                #keeping
            }
        }
        #takes
        #batches
        #run
        #single
        #markers
        #reactive
    }
}

/// What is declared, as a constant that other macros can add up.
fn contract(plan: &StepPlan) -> TokenStream {
    let kind = match plan.kind {
        Kind::Async => "asynchronous",
        Kind::Inline | Kind::Stub => "inline",
        Kind::Blocking => "blocking",
    };
    let name = plan.step.name.to_string();
    let made = format!(
        "const CONTRACT: ::topology_runtime::wiring::Contract = \
         ::topology_runtime::wiring::Contract::{kind}({name:?})"
    );
    let timeout = plan.timeout.as_ref();
    let timeout = timeout.map(|timeout| paths::duration(timeout, &local("__TIMEOUT")));
    let more = seldom_declared(plan);
    let known = timeout.as_ref().map(text::number);
    match (known, &more) {
        (None, None) => text::tokens(&format!("{made};")),
        (Some(Some(timeout)), None) => text::tokens(&format!("{made}.timeout({timeout});")),
        _ => {
            let made = text::tokens(&made);
            let timeout = plan.timeout.as_ref().map(|amount| {
                let span = amount.tokens().span();
                quote_spanned!(span=> .timeout(#timeout))
            });
            quote!(#made #timeout #more;)
        }
    }
}

/// What most steps do not declare.
fn seldom_declared(plan: &StepPlan) -> Option<TokenStream> {
    let wiring = paths::wiring();
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
    let mut parameters = plan.step.parameters.iter();
    let aware = parameters.any(|one| matches!(one, Parameter::Context));
    let aware = aware.then(|| quote!(.aware()));
    let all = [retry, idempotent, aware, own::declared(plan)];
    let is_said = all.iter().any(Option::is_some);
    is_said.then(|| all.into_iter().flatten().collect())
}

/// What other macros' obligations ask for.
fn markers(plan: &StepPlan) -> TokenStream {
    let step = plan.step;
    let wiring = paths::wiring();
    let target = step.target();
    let generics = bounded(step);
    let (parameters, _, bounds) = generics.split_for_impl();
    let is_sink = match &step.returns {
        None => true,
        Some(ty) => step.is_fallible() && returns_unit(ty),
    };
    let sink = is_sink.then(
        || quote!(#[automatically_derived] impl #parameters #wiring::Sink for #target #bounds {}),
    );
    let inline = (plan.kind == Kind::Inline && plan.timeout.is_none()).then(
        || quote!(#[automatically_derived] impl #parameters #wiring::Inline for #target #bounds {}),
    );
    quote!(#sink #inline)
}

/// A step that begins no messages of its own. A function never does.
fn reactive(plan: &StepPlan) -> Option<TokenStream> {
    let step = plan.step;
    let begins = step.block.as_ref().is_some_and(Block::begins_messages);
    let wiring = paths::wiring();
    let target = step.target();
    let generics = bounded(step);
    let (parameters, _, bounds) = generics.split_for_impl();
    (!begins || plan.kind == Kind::Stub).then(|| {
        quote!(#[automatically_derived] impl #parameters #wiring::Reactive for #target #bounds {})
    })
}

/// A step that is no join.
fn single(step: &Step) -> Option<TokenStream> {
    let wiring = paths::wiring();
    let target = step.target();
    let generics = bounded(step);
    let (parameters, _, bounds) = generics.split_for_impl();
    (step.messages().len() == 1).then(
        || quote!(#[automatically_derived] impl #parameters #wiring::Single for #target #bounds {}),
    )
}

/// `Result<(), E>`, through whatever alias.
pub(super) fn returns_unit(ty: &Type) -> bool {
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
    let tick = plan.tick.as_ref();
    constants.extend(paths::constant(tick, &local("__TICK"), "timeout"));
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
    let retry = unmarked_retry::anchor(plan)?;
    let rule = Ident::new(unmarked_retry::RULE.name, Span::call_site());
    let text = unmarked_retry::text(&plan.step.name);
    let used = Ident::new(unmarked_retry::RULE.name, retry.span());
    Some(quote! {
        const _: () = {
            #[deprecated(note = #text)]
            #[allow(non_upper_case_globals)]
            const #rule: () = ();
            #used
        };
    })
}
