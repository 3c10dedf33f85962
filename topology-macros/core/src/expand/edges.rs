//! The edges: one field each, and how a value is offered to them.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use super::paths::{self, local, local_at, located};
use super::text::Rows;
use crate::plan::{EdgePlanKind, Plan, PlannedEdge};
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
    let wiring = paths::here();
    let name = &plan.name;
    let mut fields = Rows::default();
    for edge in &plan.edges {
        let field = &edge.field;
        let receiver = match edge.step {
            Some(step) => {
                let step = &plan.steps[step].alias;
                match edge.kind {
                    EdgePlanKind::Flow | EdgePlanKind::Failure => {
                        fields.text(format_args!("{field}: __wiring::Edge<{step}>,"));
                        continue;
                    }
                    EdgePlanKind::Part { position, .. } => {
                        let position = Literal::usize_unsuffixed(position);
                        quote!(#wiring::Part<#step, #position>)
                    }
                    _ => quote!(#wiring::Edge<#step>),
                }
            }
            None => quote!(#wiring::Out<#name>),
        };
        let receiver = match edge.kind {
            EdgePlanKind::All => quote!(#wiring::Collect<#receiver>),
            EdgePlanKind::Finish {
                takes_several: true,
                ..
            } => {
                let won = output_of(plan, edge);
                quote!(#wiring::First<#receiver, #won>)
            }
            EdgePlanKind::Finish { .. } => quote!(#wiring::Finish<#receiver>),
            _ => receiver,
        };
        fields.tokens(quote!(#field: #receiver,));
    }
    let fields = fields.all();
    quote! {
        /// The edges, by the steps they join.
        // Public only because an associated type has to be.
        #[allow(unreachable_pub)]
        pub struct __Edges {
            #fields
        }
    }
}

/// The values of those fields.
pub(super) fn made(plan: &Plan) -> TokenStream {
    let wiring = local("wiring");
    let fields = plan.edges.iter().map(|edge| &edge.field);
    let values = plan.edges.iter().enumerate().map(|(number, edge)| {
        let number = Literal::usize_unsuffixed(number);
        let receiver = match edge.step {
            Some(step) => {
                let queue = &plan.steps[step].binding;
                if let EdgePlanKind::Part { .. } = edge.kind {
                    return quote!(#wiring.part(#number, &#queue));
                }
                quote!(#wiring.edge(#number, &#queue))
            }
            None => quote!(#wiring.out(#number)),
        };
        match edge.kind {
            EdgePlanKind::All => quote!(#wiring.collect(#receiver)),
            EdgePlanKind::Finish {
                takes_several: true,
                ..
            } => quote!(#wiring.first(#receiver)),
            EdgePlanKind::Finish { .. } => quote!(#wiring.finish(#receiver)),
            _ => receiver,
        }
    });
    quote!(Self { #(#fields: #values,)* })
}

/// What the step before an edge hands on.
fn output_of(plan: &Plan, edge: &PlannedEdge) -> TokenStream {
    let wiring = paths::here();
    let source = plan.steps.iter().find(|step| step.name == edge.from);
    let alias = source.map(|step| &step.alias);
    quote!(#wiring::Output<#alias>)
}

/// Offers `value` along all of the edges; each but the last gets a clone.
pub(super) fn fork(plan: &Plan, edges: &[usize], value: &Ident, way: Way) -> TokenStream {
    let branch = local("branch");
    let last = edges.len() - 1;
    let branches = (0..edges.len()).map(|position| {
        if position == last {
            quote!(#branch)
        } else {
            quote!(#branch.fork())
        }
    });
    hand_out(plan, edges, value, branches.collect(), way)
}

/// Offers `value` along all of the edges as arms of a race.
pub(super) fn race(
    plan: &Plan,
    edges: &[usize],
    finish: usize,
    value: &Ident,
    way: Way,
) -> TokenStream {
    let (all, branch) = (local("edges"), local("branch"));
    let finish = &plan.edges[finish].field;
    let arms: Vec<_> = (0..edges.len())
        .map(|position| local(&format!("arm_{position}")))
        .collect();
    let branches = arms.iter().map(|arm| quote!(#arm));
    let offers = hand_out(plan, edges, value, branches.collect(), way);
    quote!({
        let [#(#arms),*] = #all.#finish.race(#branch);
        #offers
    })
}

/// Offers `value` along each edge, as a branch of its own.
fn hand_out(
    plan: &Plan,
    edges: &[usize],
    value: &Ident,
    branches: Vec<TokenStream>,
    way: Way,
) -> TokenStream {
    let wiring = paths::here();
    let last = edges.len() - 1;
    let mut offers = edges
        .iter()
        .zip(branches)
        .enumerate()
        .map(|(position, (&edge, branch))| {
            if position == last {
                return offer(plan, edge, &quote!(#value), &branch, way);
            }
            let span = anchor_span(&plan.edges[edge].anchor);
            let copy = quote_spanned!(span=> #wiring::ForkClone::fork_clone(&#value));
            offer(plan, edge, &copy, &branch, way)
        });
    let first = offers.next();
    let rest = offers.map(|offer| quote!(.and(#offer)));
    quote!(#first #(#rest)*)
}

/// Hands an output straight on along one edge to a queue: the runtime offers it,
/// and the compiler reads no closure.
pub(super) fn straight(plan: &Plan, edge: usize) -> Option<TokenStream> {
    let edge = &plan.edges[edge];
    if edge.kind != EdgePlanKind::Flow || edge.step.is_none() {
        return None;
    }
    let span = anchor_span(&edge.anchor).resolved_at(Span::mixed_site());
    let edges = local_at("edges", span);
    let mut field = edge.field.clone();
    field.set_span(span);
    Some(quote_spanned!(span=> .to(&#edges.#field)))
}

/// Offers the items of `value`, one by one.
pub(super) fn each(plan: &Plan, edge: usize, all: Option<usize>, value: &Ident) -> TokenStream {
    let wiring = paths::here();
    let (edges, branch) = (local("edges"), local("branch"));
    let gather = match all {
        Some(all) => {
            let (field, result) = (&plan.edges[all].field, output_of(plan, &plan.edges[all]));
            quote!(#edges.#field.gather::<#result>())
        }
        None => quote!(#wiring::Gather::nothing()),
    };
    let planned = &plan.edges[edge];
    let span = anchor_span(&planned.anchor).resolved_at(Span::mixed_site());
    let wiring = paths::here_at(span);
    let edges = local_at("edges", span);
    let mut field = planned.field.clone();
    field.set_span(span);
    let branch = located(quote!(#branch), &planned.anchor);
    quote_spanned!(span=> #wiring::each(#value).to(&#edges.#field, #branch, #gather))
}

/// Offers one value along one edge. All but the value stands at the edge, so
/// that a value which does not fit is an error there.
pub(super) fn offer(
    plan: &Plan,
    edge: usize,
    value: &TokenStream,
    branch: &TokenStream,
    way: Way,
) -> TokenStream {
    let edge = &plan.edges[edge];
    // One hygiene for all of it: the compiler cannot join spans of two.
    let span = anchor_span(&edge.anchor).resolved_at(Span::mixed_site());
    let wiring = paths::here_at(span);
    let edges = local_at("edges", span);
    let mut field = edge.field.clone();
    field.set_span(span);
    let branch = located(branch.clone(), &edge.anchor);
    let method = match (edge.step, edge.kind, way) {
        (_, EdgePlanKind::All, _) => "to_all",
        (
            _,
            EdgePlanKind::Finish {
                takes_several: true,
                ..
            },
            _,
        ) => "to_first",
        (_, EdgePlanKind::Finish { .. }, _) => "to_finish",
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
    let method = Ident::new(method, span);
    quote_spanned!(span=> #wiring::offer(#value).#method(&#edges.#field, #branch))
}

/// Tells every join that would wait for this branch that it does not come.
pub(super) fn absent(plan: &Plan, passed_over: &[usize]) -> TokenStream {
    let wiring = paths::here();
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
