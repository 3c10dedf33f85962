//! What is declared, as constants; and the checks that only the compiler can
//! make.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::edges::anchor_span;
use super::paths;
use crate::amount::Amount;
use crate::graph::Overflow;
use crate::plan::{EdgePlanKind, EntryPlan, ExitPlan, Plan, PlannedStep};
use crate::report::span_of;

/// One constant for each step.
pub(super) fn steps(plan: &Plan) -> Vec<TokenStream> {
    let wiring = paths::wiring();
    plan.steps
        .iter()
        .map(|step| {
            let name = &step.name;
            let replicas = step.replicas.as_ref().map(|replicas| {
                let replicas = paths::count(replicas);
                quote!(.replicas(#replicas))
            });
            quote!(#wiring::StepSpec::new(#name) #replicas)
        })
        .collect()
}

/// One constant for each edge with a queue.
pub(super) fn edges(plan: &Plan) -> Vec<TokenStream> {
    let wiring = paths::wiring();
    plan.edges
        .iter()
        .map(|edge| {
            let (from, to) = (&edge.from, &edge.to);
            let capacity = edge.contract.capacity.as_ref().map(paths::count);
            let timeout = edge.contract.timeout.as_ref().map(paths::duration);
            let overflow = match edge.contract.overflow {
                Overflow::Block => None,
                Overflow::DropOldest => Some(quote!(.overflow(#wiring::Overflow::DropOldest))),
                Overflow::DropNewest => Some(quote!(.overflow(#wiring::Overflow::DropNewest))),
            };
            quote!(#wiring::EdgeSpec::new(#from, #to, #capacity, #timeout) #overflow)
        })
        .collect()
}

/// Constants that the macro could not evaluate, held against the same rules.
pub(super) fn checks(plan: &Plan) -> Vec<TokenStream> {
    let mut checks = Vec::new();
    let mut seen = Vec::new();
    for edge in &plan.edges {
        if let Some(Amount::Const(expr)) = &edge.contract.capacity {
            once(
                &mut checks,
                &mut seen,
                paths::check("capacity", &quote!(#expr)),
                &quote!(#expr),
            );
        }
        if let Some(Amount::Const(expr)) = &edge.contract.timeout {
            once(
                &mut checks,
                &mut seen,
                paths::check("timeout", &quote!(#expr)),
                &quote!(#expr),
            );
        }
    }
    for step in &plan.steps {
        if let Some(Amount::Const(expr)) = &step.replicas {
            checks.push(paths::check("replicas", &quote!(#expr)));
        }
    }
    checks
}

/// A bracket that holds for several arrows is checked once.
fn once(
    checks: &mut Vec<TokenStream>,
    seen: &mut Vec<(usize, usize)>,
    check: TokenStream,
    expr: &TokenStream,
) {
    let start = span_of(expr).start();
    let place = (start.line, start.column);
    if !seen.contains(&place) {
        seen.push(place);
        checks.push(check);
    }
}

/// The note about queues between inline steps. Whether both are inline only the
/// compiler knows: the constant that it finds is deprecated if they are.
pub(super) fn notes(plan: &Plan) -> Option<TokenStream> {
    let wiring = paths::wiring();
    let mut notes = Vec::new();
    for from in &plan.steps {
        let Some((to, anchor)) = only_neighbour(plan, from) else {
            continue;
        };
        let span = anchor_span(anchor);
        let rule = Ident::new(crate::review::idle_boundary::RULE.name, span);
        let (from, to) = (&from.path, &to.path);
        notes.push(quote_spanned!(span=> let () = #wiring::Boundary::<#from, #to>::#rule;));
    }
    (!notes.is_empty()).then(|| {
        quote! {
            const _: () = {
                #[allow(unused_imports)]
                use #wiring::BusyBoundary as _;
                #(#notes)*
            };
        }
    })
}

/// The step behind the only edge that leaves `from`, if nothing else leads
/// there and both have as many replicas.
fn only_neighbour<'a>(
    plan: &'a Plan,
    from: &'a PlannedStep,
) -> Option<(&'a PlannedStep, &'a TokenStream)> {
    let ExitPlan::All { edges, anchor } = &from.exit else {
        return None;
    };
    let &[edge] = edges.as_slice() else {
        return None;
    };
    let edge = &plan.edges[edge];
    let to = edge.step?;
    let entries = plan
        .edges
        .iter()
        .filter(|other| other.step == Some(to))
        .count();
    let to = &plan.steps[to];
    let text = |step: &PlannedStep| step.replicas.as_ref().map_or("1".into(), Amount::text);
    let alone = entries == 1 && edge.kind == EdgePlanKind::Flow;
    let alike = matches!(to.entry, EntryPlan::Queue)
        && !matches!(from.entry, EntryPlan::Call)
        && text(from) == text(to);
    (alone && alike).then_some((to, anchor))
}

/// A number among the steps.
pub(super) fn number(position: usize) -> Literal {
    Literal::usize_unsuffixed(position)
}
