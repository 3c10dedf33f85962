//! What becomes of a step's failures.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;

use super::edges::{absent, anchor_span};
use super::paths;
use crate::plan::{OtherwisePlanKind, Plan, PlannedStep};

/// A value that the runtime asks where a failure goes.
pub(super) fn otherwise(plan: &Plan, step: &PlannedStep) -> TokenStream {
    let wiring = paths::wiring();
    let span = anchor_span(&step.otherwise.anchor);
    match step.otherwise.kind {
        OtherwisePlanKind::Fail => quote!(#wiring::Otherwise::fail()),
        OtherwisePlanKind::Abort => quote!(#wiring::Otherwise::abort()),
        OtherwisePlanKind::Skip => {
            let skip = skip(plan, step);
            quote!(#wiring::Otherwise::skip(&edges, #skip))
        }
        OtherwisePlanKind::Step { edge, is_quiet } => {
            let field = &plan.edges[edge].field;
            let method = Ident::new("step", span);
            let route =
                quote_spanned!(span=> #wiring::Otherwise::#method(&edges, |edges| &edges.#field));
            let quiet = (is_quiet && !step.passed_over.is_empty()).then(|| {
                let skip = skip(plan, step);
                quote!(.and_skip(&edges, #skip))
            });
            quote!(#route #quiet)
        }
        OtherwisePlanKind::Instead { edge } => {
            let field = &plan.edges[edge].field;
            let method = Ident::new("instead", span);
            quote_spanned!(span=> #wiring::Otherwise::#method(&edges, |edges| &edges.#field))
        }
    }
}

/// The closure that ends a branch at this step.
pub(super) fn skip(plan: &Plan, step: &PlannedStep) -> TokenStream {
    let absent = absent(plan, &step.passed_over);
    if step.passed_over.is_empty() {
        quote!(|_, _| #absent)
    } else {
        quote!(|edges, branch| #absent)
    }
}
