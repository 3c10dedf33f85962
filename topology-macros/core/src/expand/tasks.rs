//! The wiring: queues, edges, where failures go, and one task for each step.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;

use super::edges::{self, anchor_span};
use super::otherwise::{otherwise, skip};
use super::{paths, specs};
use crate::plan::{ArmPlan, EntryPlan, ExitPlan, Plan, PlannedStep};

/// `fn wire(..)`, in the order in which a reader asks: who waits where, what
/// leads there, what if it fails, what runs.
pub(super) fn wire(plan: &Plan) -> TokenStream {
    let wiring = paths::wiring();
    let queues = queues(plan);
    let made = edges::made(plan);
    let failures = failures(plan);
    let tasks = plan
        .steps
        .iter()
        .filter(|step| !matches!(step.entry, EntryPlan::Call))
        .map(|step| task(plan, step));
    quote! {
        fn wire(wiring: &mut #wiring::Wiring<Self>) -> ::std::sync::Arc<Self::Edges> {
            #(#queues)*
            let edges = ::std::sync::Arc::new(#made);
            #(#failures)*
            #(#tasks)*
            edges
        }
    }
}

fn queues(plan: &Plan) -> Vec<TokenStream> {
    let numbered = plan.steps.iter().enumerate();
    let queues = numbered.filter_map(|(number, step)| {
        let method = match step.entry {
            EntryPlan::Queue => "queue",
            EntryPlan::Join { .. } => "join",
            EntryPlan::Call => return None,
        };
        let (binding, path) = (&step.binding, &step.path);
        let method = Ident::new(method, anchor_span(&step.mention));
        let number = specs::number(number);
        Some(quote!(let #binding = wiring.#method::<#path>(#number);))
    });
    queues.collect()
}

fn failures(plan: &Plan) -> Vec<TokenStream> {
    let mut failures = Vec::new();
    for step in &plan.steps {
        let binding = &step.binding;
        if !matches!(step.entry, EntryPlan::Call) {
            let otherwise = otherwise(plan, step);
            failures.push(quote!(#binding.otherwise(#otherwise);));
        }
        if let EntryPlan::Join {
            can_be_skipped: true,
        } = step.entry
        {
            let skip = skip(plan, step);
            failures.push(quote!(#binding.pass_over(&edges, #skip);));
        }
    }
    failures
}

/// The task of a step, with the steps that it calls.
fn task(plan: &Plan, step: &PlannedStep) -> TokenStream {
    let binding = &step.binding;
    let run = Ident::new("task", anchor_span(&step.mention));
    let mut calls = Vec::new();
    let mut last = step;
    while let ExitPlan::Call { step, anchor } = &last.exit {
        last = &plan.steps[*step];
        calls.push(call(plan, *step, anchor));
    }
    let end = end(plan, last);
    quote!(wiring.#run(#binding, &edges) #(#calls)* #end;)
}

fn call(plan: &Plan, number: usize, anchor: &TokenStream) -> TokenStream {
    let step = &plan.steps[number];
    let path = &step.path;
    let otherwise = otherwise(plan, step);
    let method = Ident::new("call", anchor_span(anchor));
    let number = specs::number(number);
    quote!(.#method::<#path>(#number, #otherwise))
}

/// What becomes of the output of the last step of a task.
fn end(plan: &Plan, step: &PlannedStep) -> TokenStream {
    match &step.exit {
        ExitPlan::Sink => {
            let ends = Ident::new("ends", anchor_span(&step.mention));
            quote!(.#ends())
        }
        ExitPlan::Call { .. } => unreachable!("calls are followed to their end"),
        ExitPlan::All { edges, anchor } => {
            let value = Ident::new("value", anchor_span(anchor));
            let offer = edges::fork(plan, edges, &value, "offer");
            quote!(.then(|edges, #value, branch| #offer))
        }
        ExitPlan::Match { arms, anchor } => {
            let value = Ident::new("value", anchor_span(anchor));
            let arms = arms.iter().map(|arm| self::arm(plan, step, arm));
            let matched = quote_spanned!(anchor_span(anchor)=> match #value);
            quote!(.then(|edges, #value, branch| #matched { #(#arms)* }))
        }
    }
}

fn arm(plan: &Plan, step: &PlannedStep, planned: &ArmPlan) -> TokenStream {
    let arm = &planned.arm;
    let (pattern, arrow) = (&arm.pattern, &arm.arrow);
    let guard = arm
        .guard
        .as_ref()
        .map(|(keyword, guard)| quote!(#keyword #guard));
    let target = match (planned.edge, &arm.target) {
        (Some(edge), Some((_, payload))) => {
            edges::offer(plan, edge, &quote!(#payload), &quote!(branch), "offer")
        }
        _ if step.passed_over.is_empty() => quote!(branch.discard()),
        _ => {
            let absent = edges::absent(plan, &step.passed_over);
            quote!(branch.discard_with(|branch| #absent))
        }
    };
    quote!(#pattern #guard #arrow #target,)
}
