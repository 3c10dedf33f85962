//! What boundaries declare, and what is asked of the steps inside.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Type, Visibility};

use super::{cores, paths, specs};
use crate::amount::Amount;
use crate::graph::{Codec, Isolation, Restart, Strategy, Text};
use crate::plan::{Plan, PlannedBoundary, PlannedStep};
use crate::report::span_of;

/// One constant for each boundary.
pub(super) fn boundaries(plan: &Plan) -> Vec<TokenStream> {
    let numbered = plan.boundaries.iter().enumerate();
    let boundaries = numbered.map(|(number, boundary)| self::boundary(number, boundary));
    boundaries.collect()
}

fn boundary(number: usize, boundary: &PlannedBoundary) -> TokenStream {
    let wiring = paths::wiring();
    let (name, declared) = (&boundary.name, &boundary.declared);
    let constant = |what| specs::constant(what, number);
    let of = match boundary.isolation {
        Isolation::Thread => quote!(#wiring::BoundarySpec::thread(#name)),
        Isolation::Process => quote!(#wiring::BoundarySpec::process(#name)),
    };
    let threads = declared.threads.as_ref().map(|threads| {
        let threads = paths::count(threads, &constant("THREADS"));
        quote!(.threads(#threads))
    });
    let named = declared.thread_name.as_ref().map(|name| match name {
        Text::Known(name) => quote!(.named(#name)),
        Text::Const(_) => {
            let name = constant("NAME");
            quote!(.named(#name))
        }
    });
    let stack_size = declared.stack_size.as_ref().map(|bytes| {
        let bytes = paths::bytes(bytes);
        quote!(.stack_size(#bytes))
    });
    let cores = cores::cores(number, declared);
    let restart = declared.restart.as_ref().map(|restart| {
        let times = paths::count(&restart.times, &constant("RESTARTS"));
        let within = paths::duration(&restart.within, &constant("RESTARTS_WITHIN"));
        quote!(.restart(#times, #within))
    });
    let strategy = declared.strategy.map(|strategy| {
        let strategy = self::strategy(strategy);
        quote!(.strategy(#strategy))
    });
    let codec = declared.codec.map(|codec| match codec {
        Codec::Postcard => quote!(.codec(#wiring::Codec::Postcard)),
        Codec::MessagePack => quote!(.codec(#wiring::Codec::MessagePack)),
    });
    let memory = declared.memory.as_ref().map(|bytes| {
        let bytes = paths::bytes(bytes);
        quote!(.memory(#bytes))
    });
    let cpu = declared.cpu.as_ref().map(|time| {
        let time = paths::duration(time, &constant("CPU"));
        quote!(.cpu_time(#time))
    });
    let start = declared.start.as_ref().map(|time| {
        let time = paths::duration(time, &constant("START"));
        quote!(.start(#time))
    });
    let within = boundary.outer.map(|outer| {
        let outer = specs::number(outer);
        quote!(.within(#outer))
    });
    quote! {
        #of #threads #named #stack_size #cores #restart #strategy #codec #memory #cpu #start #within
    }
}

pub(super) fn strategy(strategy: Strategy) -> TokenStream {
    let wiring = paths::wiring();
    match strategy {
        Strategy::OneForOne => quote!(#wiring::Strategy::OneForOne),
        Strategy::RestForOne => quote!(#wiring::Strategy::RestForOne),
        Strategy::OneForAll => quote!(#wiring::Strategy::OneForAll),
    }
}

/// The constants that only the compiler can evaluate.
pub(super) fn constants(number: usize, boundary: &PlannedBoundary) -> Vec<TokenStream> {
    let declared = &boundary.declared;
    let constant = |what| specs::constant(what, number);
    let mut constants = Vec::new();
    let threads = declared.threads.as_ref();
    constants.extend(paths::constant(threads, &constant("THREADS"), "threads"));
    if let Some(Text::Const(expr)) = &declared.thread_name {
        constants.push(thread_name(&quote!(#expr), number));
    }
    constants.extend(cores::constant(number, declared));
    if let Some(Restart { times, within, .. }) = &declared.restart {
        // Any number will do.
        if let Amount::Const(times) = times {
            let name = constant("RESTARTS");
            let span = span_of(&quote!(#times));
            constants.push(quote_spanned!(span=> const #name: usize = #times;));
        }
        let name = constant("RESTARTS_WITHIN");
        constants.extend(paths::constant(Some(within), &name, "timeout"));
    }
    let cpu = declared.cpu.as_ref();
    constants.extend(paths::constant(cpu, &constant("CPU"), "cpu_time"));
    let start = declared.start.as_ref();
    constants.extend(paths::constant(start, &constant("START"), "timeout"));
    constants
}

fn thread_name(expr: &TokenStream, number: usize) -> TokenStream {
    let span = span_of(expr);
    let wiring = paths::wiring_at(span);
    let name = specs::constant("NAME", number);
    quote_spanned!(span=> const #name: &str = #wiring::checked::thread_name(#expr);)
}

/// Whether there can be processes at all, asked at the first.
pub(super) fn process(plan: &Plan) -> Option<TokenStream> {
    let mut boundaries = plan.boundaries.iter();
    let first = boundaries.find(|boundary| boundary.isolation == Isolation::Process)?;
    let span = first.kind.span();
    let wiring = paths::wiring_at(span);
    Some(quote_spanned!(span=> const _: () = #wiring::checked::process();))
}

/// What a step is only the compiler knows: whether it can run in its boundary,
/// too.
pub(super) fn members(plan: &Plan) -> Vec<TokenStream> {
    let members = plan.steps.iter().filter_map(|step| {
        let (boundary, mention) = step.boundary.as_ref()?;
        let boundary = &plan.boundaries[*boundary];
        let on_threads = (boundary.isolation == Isolation::Thread)
            .then(|| check("member", step, boundary, mention));
        let process = step.process.map(|process| &plan.boundaries[process]);
        let apart = process.map(|process| check("process_member", step, process, mention));
        // One constant, so that what fits in neither is one error.
        let fits = match (on_threads, apart) {
            (Some(on_threads), Some(apart)) => quote!({ #on_threads; #apart }),
            (fits, None) | (None, fits) => quote!(#fits),
        };
        let again = process.map(|process| {
            let again = check("redelivered", step, process, mention);
            quote!(const _: () = #again;)
        });
        Some(quote!(const _: () = #fits; #again))
    });
    members.collect()
}

fn check(
    name: &str,
    step: &PlannedStep,
    boundary: &PlannedBoundary,
    mention: &TokenStream,
) -> TokenStream {
    let wiring = paths::wiring();
    let function = format_ident!("{name}");
    let (alias, step, boundary) = (&step.alias, &step.name, &boundary.name);
    let check = quote!(#wiring::checked::#function::<#alias>(#step, #boundary));
    paths::located(check, mention)
}

/// `fn host(..)`: what runs in processes.
pub(super) fn host(plan: &Plan) -> Option<TokenStream> {
    if !plan.has_processes() {
        return None;
    }
    let (wiring, host) = (paths::wiring(), paths::local("host"));
    let name = &plan.name;
    let numbered = plan.steps.iter().enumerate();
    let apart = numbered.filter(|(_, step)| step.process.is_some());
    let members = apart.map(|(number, step)| {
        let (number, alias) = (specs::number(number), &step.alias);
        quote!(#host.member::<#alias>(#number);)
    });
    Some(quote! {
        fn host(#host: &mut #wiring::Host<#name>) {
            #(#members)*
        }
    })
}

/// The same, of the topology: by what fits.
pub(super) fn hosted(plan: &Plan) -> Option<TokenStream> {
    let wiring = paths::wiring();
    plan.has_processes().then(|| {
        quote! {
            fn host(host: &mut #wiring::Host<Self>) {
                #[allow(unused_imports)]
                use #wiring::Unwired as _;
                __Edges::host(host);
            }
        }
    })
}

/// `fn run_if_child(..)`, for the top of `main`.
pub(super) fn run_if_child(visibility: &Visibility, state: Option<&Type>) -> TokenStream {
    let wiring = paths::wiring();
    let (parameter, argument) = match state {
        Some(ty) => (
            quote!(state: impl ::core::ops::FnOnce() -> #ty),
            quote!(state),
        ),
        None => (quote!(), quote!(|| ())),
    };
    quote! {
        /// Runs a boundary of this topology that is a process, in the process that
        /// was started for it: call it first thing in `main`.
        ///
        /// A topology starts its own program again for each such boundary. There,
        /// this runs the steps of the boundary, and never returns; everywhere else
        /// it returns at once.
        #visibility fn run_if_child(#parameter) {
            #wiring::run_if_child::<Self>(#argument);
        }
    }
}
