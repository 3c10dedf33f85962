//! What becomes of a step's failures.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;

use super::edges::{absent, anchor_span};
use super::paths::{self, local};
use crate::plan::{OtherwisePlanKind, Plan, PlannedStep};

/// A value that the runtime asks where a failure goes.
pub(super) fn otherwise(plan: &Plan, step: &PlannedStep) -> TokenStream {
    let wiring = paths::here();
    let edges = local("edges");
    let span = anchor_span(&step.otherwise.anchor);
    match step.otherwise.kind {
        OtherwisePlanKind::Fail => quote!(#wiring::Otherwise::fail()),
        OtherwisePlanKind::Abort => quote!(#wiring::Otherwise::abort()),
        OtherwisePlanKind::Skip => {
            let skip = skip(plan, step);
            quote!(#wiring::Otherwise::skip(&#edges, #skip))
        }
        OtherwisePlanKind::Step { edge, is_quiet } => {
            let field = &plan.edges[edge].field;
            let (alias, fallback) = (&step.alias, fallback(plan, edge));
            let route = quote_spanned! {span=>
                #wiring::Otherwise::<#alias>::step::<_, #fallback>(&#edges, |#edges| &#edges.#field)
            };
            let quiet = (is_quiet && !step.passed_over.is_empty()).then(|| {
                let skip = skip(plan, step);
                quote!(.and_skip(&#edges, #skip))
            });
            quote!(#route #quiet)
        }
        OtherwisePlanKind::Instead { edge } => {
            let field = &plan.edges[edge].field;
            let (alias, fallback) = (&step.alias, fallback(plan, edge));
            quote_spanned! {span=>
                #wiring::Otherwise::<#alias>::instead::<_, #fallback>(&#edges, |#edges| &#edges.#field)
            }
        }
    }
}

/// The contract of the step that a failure route leads to.
fn fallback(plan: &Plan, edge: usize) -> &Ident {
    let step = plan.edges[edge].step.expect("a failure goes on at a step");
    &plan.steps[step].alias
}

/// The closure that ends a branch at this step.
pub(super) fn skip(plan: &Plan, step: &PlannedStep) -> TokenStream {
    let absent = absent(plan, &step.passed_over);
    if step.passed_over.is_empty() {
        return quote!(|_, _| #absent);
    }
    let (edges, branch) = (local("edges"), local("branch"));
    quote!(|#edges, #branch| #absent)
}
