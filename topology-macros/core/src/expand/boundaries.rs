//! What boundaries declare, and what is asked of the steps inside.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{paths, specs};
use crate::graph::Text;
use crate::plan::{Plan, PlannedBoundary};
use crate::report::span_of;

/// One constant for each boundary.
pub(super) fn boundaries(plan: &Plan) -> Vec<TokenStream> {
    let wiring = paths::wiring();
    let numbered = plan.boundaries.iter().enumerate();
    let boundaries = numbered.map(|(number, boundary)| {
        let name = &boundary.name;
        let threads = boundary.threads.count.as_ref().map(|threads| {
            let threads = paths::count(threads, &specs::constant("THREADS", number));
            quote!(.threads(#threads))
        });
        let named = boundary.threads.name.as_ref().map(|name| match name {
            Text::Known(name) => quote!(.named(#name)),
            Text::Const(_) => {
                let name = specs::constant("NAME", number);
                quote!(.named(#name))
            }
        });
        let stack_size = boundary.threads.stack_size.as_ref().map(|bytes| {
            let bytes = paths::bytes(bytes);
            quote!(.stack_size(#bytes))
        });
        quote!(#wiring::BoundarySpec::thread(#name) #threads #named #stack_size)
    });
    boundaries.collect()
}

/// The constants that only the compiler can evaluate.
pub(super) fn constants(number: usize, boundary: &PlannedBoundary) -> Vec<TokenStream> {
    let name = specs::constant("THREADS", number);
    let threads = paths::constant(boundary.threads.count.as_ref(), &name, "threads");
    let name = match &boundary.threads.name {
        Some(Text::Const(expr)) => Some(thread_name(&quote!(#expr), number)),
        _ => None,
    };
    threads.into_iter().chain(name).collect()
}

fn thread_name(expr: &TokenStream, number: usize) -> TokenStream {
    let span = span_of(expr);
    let wiring = paths::wiring_at(span);
    let name = specs::constant("NAME", number);
    quote_spanned!(span=> const #name: &str = #wiring::checked::thread_name(#expr);)
}

/// What a step is only the compiler knows: whether it can run on the threads of
/// its boundary, too.
pub(super) fn members(plan: &Plan) -> Vec<TokenStream> {
    let members = plan.steps.iter().filter_map(|step| {
        let (boundary, mention) = step.boundary.as_ref()?;
        let boundary = &plan.boundaries[*boundary].name;
        let (name, alias) = (&step.name, &step.alias);
        let wiring = paths::wiring();
        let check = quote!(#wiring::checked::member::<#alias>(#name, #boundary));
        let check = paths::located(check, mention);
        Some(quote!(const _: () = #check;))
    });
    members.collect()
}
