//! Which cores the threads of a boundary are kept to.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};

use super::{paths, specs};
use crate::amount::Amount;
use crate::graph::{CoreSet, Cores, Declared};
use crate::plan::Plan;
use crate::report::span_of;

/// What a boundary says of them, if it does.
pub(super) fn cores(number: usize, declared: &Declared) -> Option<TokenStream> {
    let cores = declared.cores.as_ref()?;
    let set = if is_checked(cores, declared) {
        let name = specs::constant("CORES", number);
        paths::located(quote!(#name), cores.tokens())
    } else {
        set(cores)
    };
    Some(quote!(.cores(#set)))
}

/// The constant that stands for them where the compiler holds them against their
/// rule.
pub(super) fn constant(number: usize, declared: &Declared) -> Option<TokenStream> {
    let cores = declared.cores.as_ref()?;
    if !is_checked(cores, declared) {
        return None;
    }
    let span = span_of(cores.tokens());
    let wiring = paths::wiring_at(span);
    let name = specs::constant("CORES", number);
    let set = set(cores);
    let threads = match &declared.threads {
        Some(threads) => {
            let threads = paths::count(threads, &specs::constant("THREADS", number));
            quote!(::core::option::Option::Some(#threads))
        }
        None => quote!(::core::option::Option::None),
    };
    Some(
        quote_spanned!(span=> const #name: #wiring::Cores = #wiring::checked::cores(#set, #threads);),
    )
}

/// Only the compiler may know which they are, or how many threads there are.
fn is_checked(cores: &Cores, declared: &Declared) -> bool {
    cores.is_const() || matches!(declared.threads, Some(Amount::Const(_)))
}

fn set(cores: &Cores) -> TokenStream {
    let wiring = paths::wiring();
    let core = |core: &Amount<usize>| match core {
        Amount::Known(core, _) => specs::number(*core).into_token_stream(),
        Amount::Const(expr) => expr.to_token_stream(),
    };
    match &cores.set {
        CoreSet::List(list) => {
            let list = list.iter().map(core);
            quote!(#wiring::Cores::list(&[#(#list),*]))
        }
        CoreSet::Range(first, last) => {
            let (first, last) = (core(first), core(last));
            quote!(#wiring::Cores::range(#first, #last))
        }
        CoreSet::Const(list) => quote!(#wiring::Cores::list(#list)),
    }
}

/// Whether threads can be kept to cores at all, asked at the first that are.
pub(super) fn affinity(plan: &Plan) -> Option<TokenStream> {
    let mut boundaries = plan.boundaries.iter();
    let cores = boundaries.find_map(|boundary| boundary.declared.cores.as_ref())?;
    let span = span_of(cores.tokens());
    let wiring = paths::wiring_at(span);
    Some(quote_spanned!(span=> const _: () = #wiring::checked::affinity();))
}
