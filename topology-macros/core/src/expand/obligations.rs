//! What the topology asks of its steps, each said once, with its error at the
//! user's own tokens.
//!
//! They stand as `where` clauses of the impl that holds the wiring: one that
//! does not hold is an error there, and what stands inside may rely on it and
//! has no error of its own.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::edges::anchor_span;
use super::paths;
use crate::plan::{
    EdgePlanKind, EntryPlan, ExitPlan, OtherwisePlanKind, Plan, PlannedEdge, PlannedStep,
};

/// All of them, in the order of the steps.
pub(super) fn obligations(plan: &Plan) -> Vec<TokenStream> {
    let mut all = Vec::new();
    let input = &plan.input;
    for &edge in &plan.entrance {
        all.push(takes(plan, &plan.edges[edge], &quote!(#input)));
    }
    if plan.entrance.len() > 1 {
        let span = anchor_span(&plan.edges[plan.entrance[0]].anchor);
        let wiring = paths::wiring_at(span);
        all.push(quote_spanned!(span=> #input: #wiring::ForkClone));
    }
    for step in &plan.steps {
        all.push(runs(plan, step));
        all.extend(joins(step));
        all.extend(hands_on(plan, step));
        all.extend(falls_back(plan, step));
    }
    all
}

/// The step runs on the topology's state.
fn runs(plan: &Plan, step: &PlannedStep) -> TokenStream {
    let span = anchor_span(&step.mention);
    let wiring = paths::wiring_at(span);
    let alias = &step.alias;
    let state = plan
        .state
        .as_ref()
        .map_or_else(|| quote!(()), |state| quote!(#state));
    quote_spanned!(span=> #alias: #wiring::Step<#state>)
}

/// The join has as many parts as edges lead to it.
fn joins(step: &PlannedStep) -> Option<TokenStream> {
    let EntryPlan::Join {
        parts, ref anchor, ..
    } = step.entry
    else {
        return None;
    };
    let span = anchor_span(anchor);
    let wiring = paths::wiring_at(span);
    let alias = &step.alias;
    let parts = Literal::usize_unsuffixed(parts);
    Some(quote_spanned!(span=> #alias: #wiring::Joins<#parts>))
}

/// What the step returns fits where it goes; of a `match`, each arm says so
/// itself.
fn hands_on(plan: &Plan, step: &PlannedStep) -> Vec<TokenStream> {
    let output = output(step);
    match &step.exit {
        ExitPlan::Match { .. } => Vec::new(),
        ExitPlan::Sink => {
            let span = anchor_span(&step.mention);
            let wiring = paths::wiring_at(span);
            let alias = &step.alias;
            vec![quote_spanned!(span=> #alias: #wiring::Sink)]
        }
        ExitPlan::Call {
            step: called,
            anchor,
        } => {
            let span = anchor_span(anchor);
            let wiring = paths::wiring_at(span);
            let called = &plan.steps[*called].alias;
            vec![quote_spanned!(span=> #called: #wiring::Takes<#output>)]
        }
        ExitPlan::All { edges, anchor } => {
            let mut all: Vec<_> = edges
                .iter()
                .map(|&edge| takes(plan, &plan.edges[edge], &output))
                .collect();
            if edges.len() > 1 {
                let span = anchor_span(anchor);
                let wiring = paths::wiring_at(span);
                all.push(quote_spanned!(span=> #output: #wiring::ForkClone));
            }
            all
        }
    }
}

/// The edge's end takes a message of that type.
fn takes(plan: &Plan, edge: &PlannedEdge, message: &TokenStream) -> TokenStream {
    let span = anchor_span(&edge.anchor);
    let wiring = paths::wiring_at(span);
    let Some(step) = edge.step else {
        let name = &plan.name;
        return quote_spanned!(span=> #name: #wiring::Answers<#message>);
    };
    let step = &plan.steps[step].alias;
    match edge.kind {
        EdgePlanKind::Part {
            position,
            is_optional,
        } => {
            let position = Literal::usize_unsuffixed(position);
            let part = if is_optional {
                quote!(::core::option::Option<#message>)
            } else {
                message.clone()
            };
            quote_spanned!(span=> #step: #wiring::TakesPart<#position, #part>)
        }
        _ => quote_spanned!(span=> #step: #wiring::Takes<#message>),
    }
}

/// The fallback takes what the step's failure leaves.
fn falls_back(plan: &Plan, step: &PlannedStep) -> Option<TokenStream> {
    let (OtherwisePlanKind::Step { edge, .. } | OtherwisePlanKind::Instead { edge }) =
        step.otherwise.kind
    else {
        return None;
    };
    let span = anchor_span(&step.otherwise.anchor);
    let wiring = paths::wiring_at(span);
    let fallback = &plan.steps[plan.edges[edge].step?].alias;
    let alias = &step.alias;
    Some(quote_spanned! {span=>
        <#fallback as #wiring::WorkflowStep>::Input: #wiring::FromFailure<
            <#alias as #wiring::WorkflowStep>::Kept,
            <#alias as #wiring::WorkflowStep>::Input,
        >
    })
}

fn output(step: &PlannedStep) -> TokenStream {
    let wiring = paths::wiring();
    let alias = &step.alias;
    quote!(<#alias as #wiring::WorkflowStep>::Output)
}
