//! Every path that expansions name, absolute, so that nothing in the user's
//! scope can stand in its place.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::amount::Amount;
use crate::report::span_of;

/// `::topology_runtime`
pub(super) fn runtime() -> TokenStream {
    runtime_at(Span::call_site())
}

/// `::topology_runtime`, for errors at `span`.
pub(super) fn runtime_at(span: Span) -> TokenStream {
    quote_spanned!(span=> ::topology_runtime)
}

/// What the generated code calls: `::topology_runtime::wiring`.
pub(super) fn wiring() -> TokenStream {
    wiring_at(Span::call_site())
}

/// The same, for errors at `span`.
pub(super) fn wiring_at(span: Span) -> TokenStream {
    quote_spanned!(span=> ::topology_runtime::wiring)
}

/// A time as a constant expression.
pub(super) fn duration(amount: &Amount<std::time::Duration>) -> TokenStream {
    match amount {
        Amount::Known(time, _) => {
            let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            let literal = proc_macro2::Literal::u64_unsuffixed(millis);
            quote::quote!(::core::time::Duration::from_millis(#literal))
        }
        Amount::Const(expr) => quote::quote!(#expr),
    }
}

/// A count as a constant expression.
pub(super) fn count(amount: &Amount<usize>) -> TokenStream {
    match amount {
        Amount::Known(count, _) => {
            let literal = proc_macro2::Literal::usize_unsuffixed(*count);
            quote::quote!(#literal)
        }
        Amount::Const(expr) => quote::quote!(#expr),
    }
}

/// A check that the compiler makes of a constant, with its error there.
pub(super) fn check(what: &str, expr: &TokenStream) -> TokenStream {
    let span = span_of(expr);
    let wiring = wiring_at(span);
    let what = Ident::new(what, span);
    quote_spanned!(span=> const _: () = #wiring::checked::#what(#expr);)
}
