//! What the topology asks of its steps, each said once, with its error at the
//! user's own tokens.
//!
//! They stand as `where` clauses of the impl that holds the wiring: one that
//! does not hold is an error there, and what stands inside may rely on it and
//! has no error of its own.

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};

use super::paths::{self, located};
use super::topology;
use super::written::Written;
use crate::plan::{
    EdgePlanKind, EntryPlan, ExitPlan, OtherwisePlanKind, Plan, PlannedEdge, PlannedStep,
};

/// One of them.
pub(super) enum Obligation<'a> {
    /// The step takes what another hands on: most edges.
    TakesOutput {
        step: &'a Ident,
        from: &'a Ident,
        anchor: &'a TokenStream,
    },
    /// The step runs without state.
    Runs {
        step: &'a Ident,
        mention: &'a TokenStream,
    },
    /// Any other.
    Other(TokenStream),
}

impl ToTokens for Obligation<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (step, anchor) = match self {
            Self::TakesOutput { step, anchor, .. } => (step, anchor),
            Self::Runs { step, mention } => (step, mention),
            Self::Other(other) => return other.to_tokens(tokens),
        };
        let (first, last) = paths::ends(anchor);
        let last = Span::call_site().located_at(last);
        Written::at(first, tokens).name(step);
        let bound = Written::at(last, tokens).mark(':');
        match self {
            Self::TakesOutput { from, .. } => {
                let output = bound.here("Takes").mark('<').here("Output");
                output.mark('<').name(from).mark('>').mark('>');
            }
            _ => {
                let state = bound.here("Step").mark('<');
                let none = TokenStream::new();
                state.inside(Delimiter::Parenthesis, none).mark('>');
            }
        }
    }
}

/// All of them, in the order of the steps.
pub(super) fn obligations(plan: &Plan) -> Vec<Obligation<'_>> {
    let mut all = entrance(plan);
    if let Some(state) = &plan.state {
        let shared = quote!(#state: ::core::marker::Send + ::core::marker::Sync);
        all.push(Obligation::Other(located(shared, &quote!(#state))));
    }
    for step in &plan.steps {
        all.extend(runs(plan, step));
        all.extend(begins_nothing(step).map(Obligation::Other));
        all.extend(joins(step).map(Obligation::Other));
        all.extend(hands_on(plan, step));
        all.extend(falls_back(plan, step).map(Obligation::Other));
        all.extend(crosses(step).into_iter().map(Obligation::Other));
    }
    all
}

/// What comes in fits where it goes.
pub(super) fn entrance(plan: &Plan) -> Vec<Obligation<'_>> {
    let input = topology::input(&plan.input);
    let edges = plan.entrance.iter().map(|&edge| &plan.edges[edge]);
    let mut all: Vec<_> = edges
        .map(|edge| Obligation::Other(takes(plan, edge, &quote!(#input))))
        .collect();
    if plan.entrance.len() > 1 {
        let wiring = paths::here();
        let anchor = &plan.edges[plan.entrance[0]].anchor;
        let clones = located(quote!(#input: #wiring::ForkClone), anchor);
        all.push(Obligation::Other(clones));
    }
    all
}

/// The step runs on the topology's state. One that takes batches says so itself,
/// and not the type by which edges know it.
fn runs<'a>(plan: &Plan, step: &'a PlannedStep) -> Vec<Obligation<'a>> {
    let wiring = paths::here();
    let (alias, path, mention) = (&step.alias, &step.path, &step.mention);
    let is_source = matches!(step.entry, EntryPlan::Source);
    if plan.state.is_none() && step.batch.is_none() && !is_source {
        let step = alias;
        return vec![Obligation::Runs { step, mention }];
    }
    let state = topology::state(plan);
    let all = match step.batch {
        _ if is_source => vec![located(quote!(#alias: #wiring::Source<#state>), mention)],
        None => vec![located(quote!(#alias: #wiring::Step<#state>), mention)],
        Some(edge) => vec![
            located(quote!(#path: #wiring::Batches), &plan.edges[edge].anchor),
            located(quote!(#path: #wiring::Step<#state>), mention),
        ],
    };
    all.into_iter().map(Obligation::Other).collect()
}

/// The step begins no messages of its own, because nothing would come of them.
fn begins_nothing(step: &PlannedStep) -> Option<TokenStream> {
    let wiring = paths::here();
    let alias = &step.alias;
    step.is_partial
        .then(|| located(quote!(#alias: #wiring::Reactive), &step.mention))
}

/// The join has as many parts as edges lead to it.
fn joins(step: &PlannedStep) -> Option<TokenStream> {
    let EntryPlan::Join {
        parts, ref anchor, ..
    } = step.entry
    else {
        return None;
    };
    let wiring = paths::here();
    let alias = &step.alias;
    let parts = Literal::usize_unsuffixed(parts);
    Some(located(quote!(#alias: #wiring::Joins<#parts>), anchor))
}

/// What the step returns fits where it goes; of a `match`, each arm says so
/// itself.
fn hands_on<'a>(plan: &'a Plan, step: &'a PlannedStep) -> Vec<Obligation<'a>> {
    if let ExitPlan::All { edges, .. } = &step.exit
        && let [edge] = edges.as_slice()
        && let PlannedEdge {
            anchor,
            step: Some(to),
            kind,
            ..
        } = &plan.edges[*edge]
        && takes_one(*kind)
    {
        let (step, from) = (&plan.steps[*to].alias, &step.alias);
        return vec![Obligation::TakesOutput { step, from, anchor }];
    }
    let wiring = paths::here();
    let output = output(step);
    let all = match &step.exit {
        ExitPlan::Match { .. } => Vec::new(),
        ExitPlan::Sink => {
            let alias = &step.alias;
            vec![located(quote!(#alias: #wiring::Sink), &step.mention)]
        }
        ExitPlan::Call {
            step: called,
            anchor,
        } => {
            let called = &plan.steps[*called].alias;
            vec![located(quote!(#called: #wiring::Takes<#output>), anchor)]
        }
        ExitPlan::Each { edge, anchor, .. } => {
            let to = plan.edges[*edge].step.map(|to| &plan.steps[to].alias);
            vec![located(quote!(#output: #wiring::Items<#to>), anchor)]
        }
        ExitPlan::All { edges, anchor } | ExitPlan::Race { edges, anchor, .. } => {
            let edges = edges.iter().map(|&edge| &plan.edges[edge]);
            let mut all: Vec<_> = edges.map(|edge| takes(plan, edge, &output)).collect();
            if all.len() > 1 {
                all.push(located(quote!(#output: #wiring::ForkClone), anchor));
            }
            all
        }
    };
    all.into_iter().map(Obligation::Other).collect()
}

/// Whether the edge's end takes each message as it comes.
fn takes_one(kind: EdgePlanKind) -> bool {
    match kind {
        EdgePlanKind::Flow | EdgePlanKind::Failure => true,
        EdgePlanKind::Finish { takes_several, .. } => !takes_several,
        EdgePlanKind::All | EdgePlanKind::Part { .. } => false,
    }
}

/// The edge's end takes a message of that type.
fn takes(plan: &Plan, edge: &PlannedEdge, message: &TokenStream) -> TokenStream {
    let wiring = paths::here();
    let several = matches!(
        edge.kind,
        EdgePlanKind::All
            | EdgePlanKind::Finish {
                takes_several: true,
                ..
            }
    );
    let message = if several {
        &quote!(::std::vec::Vec<#message>)
    } else {
        message
    };
    let Some(step) = edge.step else {
        let name = &plan.name;
        return located(quote!(#name: #wiring::Answers<#message>), &edge.anchor);
    };
    let step = &plan.steps[step].alias;
    let takes = match edge.kind {
        EdgePlanKind::Part {
            position,
            is_optional,
        } => {
            let position = Literal::usize_unsuffixed(position);
            if is_optional {
                quote!(#step: #wiring::TakesSkippable<#position, #message>)
            } else {
                quote!(#step: #wiring::TakesPart<#position, #message>)
            }
        }
        _ => quote!(#step: #wiring::Takes<#message>),
    };
    located(takes, &edge.anchor)
}

/// The fallback takes what the step's failure leaves.
fn falls_back(plan: &Plan, step: &PlannedStep) -> Option<TokenStream> {
    let (OtherwisePlanKind::Step { edge, .. } | OtherwisePlanKind::Instead { edge }) =
        step.otherwise.kind
    else {
        return None;
    };
    let wiring = paths::here();
    let fallback = &plan.steps[plan.edges[edge].step?].alias;
    let alias = &step.alias;
    let takes = quote! {
        <#fallback as #wiring::WorkflowStep>::Input: #wiring::FromFailure<
            <#alias as #wiring::WorkflowStep>::Kept,
            <#alias as #wiring::WorkflowStep>::Input
        >
    };
    Some(located(takes, &step.otherwise.anchor))
}

/// What comes to a step in a process is written to it, and what it returns is
/// written back.
fn crosses(step: &PlannedStep) -> Vec<TokenStream> {
    let wiring = paths::here();
    let alias = &step.alias;
    let leaves = match &step.exit {
        ExitPlan::Sink => None,
        ExitPlan::All { anchor, .. }
        | ExitPlan::Each { anchor, .. }
        | ExitPlan::Race { anchor, .. }
        | ExitPlan::Call { anchor, .. }
        | ExitPlan::Match { anchor, .. } => Some(anchor),
    };
    let (Some(_), Some(comes)) = (step.process, &step.arrow) else {
        return Vec::new();
    };
    let input = quote!(<#alias as #wiring::WorkflowStep>::Input: #wiring::Crosses);
    let mut all = vec![located(input, comes)];
    if let Some(leaves) = leaves {
        let output = output(step);
        all.push(located(quote!(#output: #wiring::Crosses), leaves));
    }
    all
}

fn output(step: &PlannedStep) -> TokenStream {
    let wiring = paths::here();
    let alias = &step.alias;
    quote!(#wiring::Output<#alias>)
}
