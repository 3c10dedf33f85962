//! The wiring: queues, edges, where failures go, and one task for each step.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};

use super::edges::{self, Way, anchor_span};
use super::otherwise::{otherwise, skip};
use super::paths::{self, local, local_at};
use super::{obligations, specs};
use crate::graph::Key;
use crate::plan::{ArmPlan, EntryPlan, ExitPlan, OtherwisePlanKind, Plan, PlannedStep};

/// `fn wire(..)`, in the order in which a reader asks: who waits where, what
/// leads there, what if it fails, what runs. Tasks come in the order of the
/// flow, in which their states are finished at last.
pub(super) fn wire(plan: &Plan) -> TokenStream {
    let runtime = paths::here();
    let (wiring, edges) = (local("wiring"), local("edges"));
    let name = &plan.name;
    let queues = queues(plan);
    let keys = keys(plan);
    let made = edges::made(plan);
    let failures = failures(plan);
    let tasks = plan.order.iter().map(|&number| task(plan, number));
    quote! {
        fn wire(#wiring: &mut #runtime::Wiring<#name>) -> ::std::sync::Arc<Self> {
            #queues
            #(#keys)*
            let #edges = ::std::sync::Arc::new(#made);
            #(#failures)*
            #(#tasks)*
            #edges
        }
    }
}

/// `fn enter(..)`: how a message comes on all first edges at once.
pub(super) fn enter(plan: &Plan) -> TokenStream {
    if plan.entrance.is_empty() {
        return TokenStream::new();
    }
    let runtime = paths::here();
    let (edges, branch) = (local("edges"), local("branch"));
    let anchor = anchor_span(&plan.edges[plan.entrance[0]].anchor);
    let value = local_at("value", anchor);
    let input = &plan.input;
    let offer = match plan.race {
        Some(finish) => edges::race(plan, &plan.entrance, finish, &value, Way::Entering),
        None => edges::fork(plan, &plan.entrance, &value, Way::Entering),
    };
    let obligations = obligations::entrance(plan);
    quote! {
        // It asks for less than the wiring, and is looked at with less.
        #[allow(trivial_bounds)]
        #[automatically_derived]
        impl __Edges
        where
            #(#obligations,)*
        {
            fn enter(&self, #value: #input, #branch: #runtime::Branch) -> #runtime::Delivery {
                let #edges = self;
                #offer
            }
        }
    }
}

fn queues(plan: &Plan) -> TokenStream {
    let wiring = local("wiring");
    let numbered = plan.steps.iter().enumerate();
    let own: Vec<_> = numbered
        .filter(|(_, step)| step.entry.has_queue())
        .collect();
    let bindings = own.iter().map(|(_, step)| &step.binding);
    let aliases = own.iter().map(|(_, step)| &step.alias);
    let numbers = own.iter().map(|(number, _)| specs::number(*number));
    quote!(#(let #bindings = #wiring.queue::<#aliases>(#numbers);)*)
}

/// What messages are known by, where that matters. The key stands where a place
/// may stand: what it names is looked at, and stays in the message.
fn keys(plan: &Plan) -> Vec<TokenStream> {
    let keyed = plan.steps.iter().filter_map(|step| {
        let Key { message, body, .. } = step.key.as_ref()?;
        let binding = &step.binding;
        let hasher = local("hasher");
        let tokens = body.to_token_stream();
        let span = anchor_span(&tokens);
        let hash = quote_spanned!(span=> ::core::hash::Hash::hash(&(#body), #hasher));
        Some(quote!(#binding.keyed(|#message, #hasher| #hash);))
    });
    keyed.collect()
}

fn failures(plan: &Plan) -> Vec<TokenStream> {
    let edges = local("edges");
    let mut failures = Vec::new();
    for step in &plan.steps {
        let binding = &step.binding;
        // What nothing is said of fails: a queue knows that.
        let is_said = !matches!(step.otherwise.kind, OtherwisePlanKind::Fail);
        if is_said && step.entry.has_queue() {
            let otherwise = otherwise(plan, step);
            failures.push(quote!(#binding.otherwise(#otherwise);));
        }
        if let EntryPlan::Join {
            can_be_skipped: true,
            ..
        } = step.entry
        {
            let skip = skip(plan, step);
            failures.push(quote!(#binding.pass_over(&#edges, #skip);));
        }
    }
    failures
}

/// The task of a step, with the steps that it calls.
fn task(plan: &Plan, number: usize) -> TokenStream {
    let (wiring, edges) = (local("wiring"), local("edges"));
    let step = &plan.steps[number];
    match step.entry {
        EntryPlan::Source => return source(plan, number),
        EntryPlan::Call => return TokenStream::new(),
        EntryPlan::Queue | EntryPlan::Join { .. } => {}
    }
    let binding = &step.binding;
    let mut calls = Vec::new();
    let mut last = step;
    while let ExitPlan::Call { step, .. } = &last.exit {
        last = &plan.steps[*step];
        calls.push(call(plan, *step));
    }
    let end = end(plan, last, Way::Offered);
    if step.batch.is_some() {
        let path = &step.path;
        return quote!(#wiring.batch_task::<#path>(#binding, &#edges) #end;);
    }
    let task = match step.process {
        Some(_) => quote!(#wiring.task_apart(#binding, &#edges)),
        None => quote!(#wiring.task(#binding, &#edges)),
    };
    quote!(#task #(#calls)* #end;)
}

fn call(plan: &Plan, number: usize) -> TokenStream {
    let step = &plan.steps[number];
    let alias = &step.alias;
    let otherwise = otherwise(plan, step);
    let number = specs::number(number);
    match step.process {
        Some(_) => quote!(.call_apart::<#alias>(#number, #otherwise)),
        None => quote!(.call::<#alias>(#number, #otherwise)),
    }
}

/// The task of a source. What it brings enters on all first edges at once, as
/// what comes from outside; behind a `match` or an `each` it is not known before
/// which edges those are.
fn source(plan: &Plan, number: usize) -> TokenStream {
    let (wiring, edges) = (local("wiring"), local("edges"));
    let step = &plan.steps[number];
    let alias = &step.alias;
    let first = match &step.exit {
        ExitPlan::All { edges, .. } | ExitPlan::Race { edges, .. } => edges.as_slice(),
        _ => &[],
    };
    let lanes = first.iter().map(|&edge| &plan.edges[edge]);
    let lanes: Vec<_> = lanes
        .filter(|edge| edge.step.is_some())
        .map(|edge| &edge.field)
        .collect();
    let onto = (!lanes.is_empty()).then(|| quote!(.onto([#(#edges.#lanes.lane()),*])));
    let aborts = matches!(step.otherwise.kind, OtherwisePlanKind::Abort);
    let aborts = aborts.then(|| quote!(.aborts()));
    let end = end(plan, step, Way::Entering);
    let number = specs::number(number);
    quote!(#wiring.source::<#alias>(#number, &#edges) #onto #aborts #end;)
}

/// What becomes of the output of the last step of a task.
fn end(plan: &Plan, step: &PlannedStep, way: Way) -> TokenStream {
    let (edges, branch) = (local("edges"), local("branch"));
    match &step.exit {
        ExitPlan::Sink => quote!(.ends()),
        ExitPlan::Call { .. } => unreachable!("calls are followed to their end"),
        ExitPlan::All { edges: all, anchor } => {
            if let ([edge], Way::Offered, None) = (all.as_slice(), way, step.batch)
                && let Some(straight) = edges::straight(plan, *edge)
            {
                return straight;
            }
            let value = local_at("value", anchor_span(anchor));
            let offer = edges::fork(plan, all, &value, way);
            quote!(.then(|#edges, #value, #branch| #offer))
        }
        ExitPlan::Each { edge, all, anchor } => {
            let value = local_at("value", anchor_span(anchor));
            let offers = edges::each(plan, *edge, *all, &value);
            quote!(.each(|#edges, #value, #branch| #offers))
        }
        ExitPlan::Race {
            edges: arms,
            finish,
            anchor,
        } => {
            let value = local_at("value", anchor_span(anchor));
            let offers = edges::race(plan, arms, *finish, &value, way);
            quote!(.then(|#edges, #value, #branch| #offers))
        }
        ExitPlan::Match { arms, anchor } => {
            let value = local_at("value", anchor_span(anchor));
            let arms = arms.iter().map(|arm| self::arm(plan, step, arm));
            let matched = quote_spanned!(anchor_span(anchor)=> match #value);
            quote!(.then(|#edges, #value, #branch| #matched { #(#arms)* }))
        }
    }
}

fn arm(plan: &Plan, step: &PlannedStep, planned: &ArmPlan) -> TokenStream {
    let branch = local("branch");
    let arm = &planned.arm;
    let (pattern, arrow) = (&arm.pattern, &arm.arrow);
    let guard = arm
        .guard
        .as_ref()
        .map(|(keyword, guard)| quote!(#keyword #guard));
    let target = match (planned.edge, &arm.target) {
        (Some(edge), Some((_, payload))) => edges::offer(
            plan,
            edge,
            &quote!(#payload),
            &quote!(#branch),
            Way::Offered,
        ),
        _ if step.passed_over.is_empty() => quote!(#branch.discard()),
        _ => {
            let absent = edges::absent(plan, &step.passed_over);
            quote!(#branch.discard_with(|#branch| #absent))
        }
    };
    quote!(#pattern #guard #arrow #target,)
}
