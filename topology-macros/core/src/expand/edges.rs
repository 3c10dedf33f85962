//! The edges: one field each, and how a value is offered to them.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use super::paths::{self, local};
use crate::plan::{EdgePlanKind, Plan};
use crate::report::span_of;

/// How a value comes onto an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From a step, to whatever it is.
    Offered,
    /// From outside.
    Entering,
}

/// The struct that holds every edge.
pub(super) fn declared(plan: &Plan) -> TokenStream {
    let wiring = paths::wiring();
    let name = &plan.name;
    let fields = plan.edges.iter().map(|edge| {
        let field = &edge.field;
        let Some(step) = edge.step else {
            return quote!(#field: #wiring::Out<#name>);
        };
        let step = &plan.steps[step].alias;
        if let EdgePlanKind::Part { position, .. } = edge.kind {
            let position = Literal::usize_unsuffixed(position);
            quote!(#field: #wiring::Part<#step, #position>)
        } else {
            quote!(#field: #wiring::Edge<#step>)
        }
    });
    quote! {
        /// The edges, by the steps they join.
        // Public only because an associated type has to be.
        #[allow(unreachable_pub)]
        pub struct __Edges {
            #(#fields,)*
        }
    }
}

/// The values of those fields.
pub(super) fn made(plan: &Plan) -> TokenStream {
    let wiring = local("wiring");
    let fields = plan.edges.iter().enumerate().map(|(number, edge)| {
        let field = &edge.field;
        let number = Literal::usize_unsuffixed(number);
        let Some(step) = edge.step else {
            return quote!(#field: #wiring.out(#number));
        };
        let queue = &plan.steps[step].binding;
        if let EdgePlanKind::Part { .. } = edge.kind {
            quote!(#field: #wiring.part(#number, &#queue))
        } else {
            quote!(#field: #wiring.edge(#number, &#queue))
        }
    });
    quote!(Self { #(#fields,)* })
}

/// Offers `value` along all of the edges; each but the last gets a clone.
pub(super) fn fork(plan: &Plan, edges: &[usize], value: &Ident, way: Way) -> TokenStream {
    let wiring = paths::wiring();
    let branch = local("branch");
    let (&last, others) = edges.split_last().expect("an exit leads somewhere");
    let mut offers = others.iter().map(|&edge| {
        let span = anchor_span(&plan.edges[edge].anchor);
        let copy = quote_spanned!(span=> #wiring::ForkClone::fork_clone(&#value));
        offer(plan, edge, &copy, &quote!(#branch.fork()), way)
    });
    let first = offers.next();
    let rest = offers.map(|offer| quote!(.and(#offer)));
    let last = offer(plan, last, &quote!(#value), &quote!(#branch), way);
    match first {
        Some(first) => quote!(#first #(#rest)* .and(#last)),
        None => last,
    }
}

/// Offers one value along one edge. The method's name stands at the arrow, so
/// that a value which does not fit is an error there.
pub(super) fn offer(
    plan: &Plan,
    edge: usize,
    value: &TokenStream,
    branch: &TokenStream,
    way: Way,
) -> TokenStream {
    let wiring = paths::wiring();
    let edges = local("edges");
    let edge = &plan.edges[edge];
    let field = &edge.field;
    let method = match (edge.step, edge.kind, way) {
        (None, ..) => "to_out",
        (_, EdgePlanKind::Part { is_optional, .. }, _) => {
            if is_optional {
                "to_join_optional"
            } else {
                "to_join"
            }
        }
        (_, _, Way::Entering) => "entering",
        _ => "to",
    };
    let method = Ident::new(method, anchor_span(&edge.anchor));
    quote!(#wiring::offer(#value).#method(&#edges.#field, #branch))
}

/// Tells every join that would wait for this branch that it does not come.
pub(super) fn absent(plan: &Plan, passed_over: &[usize]) -> TokenStream {
    let wiring = paths::wiring();
    let (edges, branch) = (local("edges"), local("branch"));
    let mut parts = passed_over.iter().map(|&edge| {
        let field = &plan.edges[edge].field;
        quote!(#edges.#field.absent(#branch))
    });
    match parts.next() {
        None => quote!(#wiring::Delivery::DONE),
        Some(first) => {
            let rest = parts.map(|part| quote!(.and(#part)));
            quote!(#first #(#rest)*)
        }
    }
}

pub(super) fn anchor_span(anchor: &TokenStream) -> Span {
    span_of(anchor)
}
