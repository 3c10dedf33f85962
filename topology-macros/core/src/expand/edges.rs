//! The edges: one field each, and how a value is offered to them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use super::paths;
use crate::plan::{EdgePlanKind, Plan};
use crate::report::span_of;

/// The struct that holds every edge.
pub(super) fn declared(plan: &Plan) -> TokenStream {
    let wiring = paths::wiring();
    let name = &plan.name;
    let fields = plan.edges.iter().map(|edge| {
        let field = &edge.field;
        let Some(step) = edge.step else {
            return quote!(#field: #wiring::Out<#name>);
        };
        let path = &plan.steps[step].path;
        if let EdgePlanKind::Part { position, .. } = edge.kind {
            let position = proc_macro2::Literal::usize_unsuffixed(position);
            quote!(#field: #wiring::Part<#path, #position>)
        } else {
            quote!(#field: #wiring::Edge<#path>)
        }
    });
    quote! {
        /// The edges, by the steps they join.
        // Public only because an associated type has to be.
        #[allow(unreachable_pub, clippy::module_name_repetitions)]
        pub struct __Edges {
            #(#fields,)*
        }
    }
}

/// The values of those fields.
pub(super) fn made(plan: &Plan) -> TokenStream {
    let fields = plan.edges.iter().enumerate().map(|(number, edge)| {
        let field = &edge.field;
        let number = proc_macro2::Literal::usize_unsuffixed(number);
        match (edge.step, edge.kind) {
            (None, _) => quote!(#field: wiring.out(#number)),
            (Some(step), EdgePlanKind::Part { .. }) => {
                let queue = &plan.steps[step].binding;
                quote!(#field: wiring.part(#number, &#queue))
            }
            (Some(step), _) => {
                let queue = &plan.steps[step].binding;
                quote!(#field: wiring.edge(#number, &#queue))
            }
        }
    });
    quote!(__Edges { #(#fields,)* })
}

/// Offers `value` along all of the edges; each but the last gets a clone.
pub(super) fn fork(plan: &Plan, edges: &[usize], value: &Ident, verb: &str) -> TokenStream {
    let wiring = paths::wiring();
    let (&last, others) = edges.split_last().expect("an exit leads somewhere");
    if others.is_empty() {
        return offer(plan, last, &quote!(#value), &quote!(branch), verb);
    }
    let mut offers = others.iter().map(|&edge| {
        let span = anchor_span(&plan.edges[edge].anchor);
        let copy = quote_spanned!(span=> #wiring::ForkClone::fork_clone(&#value));
        offer(plan, edge, &copy, &quote!(branch.fork()), verb)
    });
    let first = offers.next();
    let rest = offers.map(|offer| quote!(.and(#offer)));
    let last = offer(plan, last, &quote!(#value), &quote!(branch), verb);
    quote!(#first #(#rest)* .and(#last))
}

/// Offers one value along one edge. The method's name stands at the arrow, so
/// that a message which does not fit is an error there.
pub(super) fn offer(
    plan: &Plan,
    edge: usize,
    value: &TokenStream,
    branch: &TokenStream,
    verb: &str,
) -> TokenStream {
    let edge = &plan.edges[edge];
    let field = &edge.field;
    let name = match edge.kind {
        EdgePlanKind::Part {
            is_optional: true, ..
        } => format!("{verb}_optional"),
        _ => verb.to_owned(),
    };
    let method = Ident::new(&name, anchor_span(&edge.anchor));
    quote!(edges.#field.#method(#value, #branch))
}

/// Tells every join that would wait for this branch that it does not come.
pub(super) fn absent(plan: &Plan, passed_over: &[usize]) -> TokenStream {
    let wiring = paths::wiring();
    let mut parts = passed_over.iter().map(|&edge| {
        let field = &plan.edges[edge].field;
        quote!(edges.#field.absent(branch))
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
