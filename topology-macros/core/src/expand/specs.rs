//! What is declared, as constants; and the checks that only the compiler can
//! make.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::text::{self, Rows};
use super::{boundaries, paths};
use crate::amount::Amount;
use crate::graph::Overflow;
use crate::plan::{BackPlan, EdgePlanKind, Plan, PlannedEdge, PlannedStep};
use crate::report::span_of;

/// One constant for each step.
pub(super) fn steps(plan: &Plan) -> TokenStream {
    let wiring = paths::here();
    let numbered = plan.steps.iter().enumerate();
    let more = numbered.map(|(number, step)| {
        let replicas = step.replicas.as_ref().map(|replicas| {
            let replicas = paths::count(replicas, &constant("REPLICAS", number));
            let least = step.least.as_ref().map(|least| {
                let least = paths::count(least, &constant("LEAST", number));
                quote!(.at_least(#least))
            });
            quote!(.replicas(#replicas) #least)
        });
        let batch = step.batch.map(|edge| {
            let edge = &plan.edges[edge];
            let bracket = edge.bracket;
            let contract = &edge.contract;
            let most = contract.batch.as_ref();
            let most = most.map(|most| paths::count(most, &constant("BATCH", bracket)));
            let linger = contract.linger.as_ref();
            let linger = linger.map(|time| paths::duration(time, &constant("LINGER", bracket)));
            quote!(.batch(#most, #linger))
        });
        let keyed = step.key.as_ref().map(|_| quote!(.keyed()));
        let rate = step.rate.as_ref().map(|rate| {
            let attempts = paths::count(&rate.attempts, &constant("RATE", number));
            let seconds = Literal::u64_unsuffixed(rate.per.as_secs());
            quote! {
                .rate(#wiring::Rate::new(#attempts, ::core::time::Duration::from_secs(#seconds)))
            }
        });
        let inside = step.boundary.as_ref().map(|(boundary, _)| {
            let boundary = self::number(*boundary);
            quote!(.inside(#boundary))
        });
        together([replicas, keyed, rate, batch, inside])
    });
    let names = plan.steps.iter().map(|step| &step.name);
    let aliases = plan.steps.iter().map(|step| &step.alias);
    quote!(#(#wiring::StepSpec::of::<#aliases, __Depth>(#names) #more),*)
}

/// One constant for each edge with a queue.
pub(super) fn edges(plan: &Plan) -> TokenStream {
    let mut rows = Rows::default();
    for (own, edge) in plan.edges.iter().enumerate() {
        let (from, to) = (&edge.from, &edge.to);
        let (contract, number) = (&edge.contract, edge.bracket);
        let capacity = contract.capacity.as_ref();
        let capacity = capacity.map(|amount| paths::count(amount, &constant("CAPACITY", number)));
        let timeout = contract.timeout.as_ref();
        let timeout = timeout.map(|amount| paths::duration(amount, &constant("TIMEOUT", number)));
        let more = seldom_said(edge, own);
        let numbers = capacity.as_ref().zip(timeout.as_ref());
        let numbers = numbers.and_then(|(capacity, timeout)| {
            Some((text::number(capacity)?, text::number(timeout)?))
        });
        match (numbers, edge.step, &more) {
            (Some((capacity, timeout)), Some(step), None) => rows.text(format_args!(
                "__wiring::EdgeSpec::new({from:?}, {to:?}, {capacity}, {timeout}).step({step}),"
            )),
            _ => {
                let wiring = paths::here();
                let step = edge.step.map(self::number);
                let step = step.map(|step| quote!(.step(#step)));
                rows.tokens(quote! {
                    #wiring::EdgeSpec::new(#from, #to, #capacity, #timeout) #step #more,
                });
            }
        }
    }
    rows.all()
}

/// What few edges say.
fn seldom_said(edge: &PlannedEdge, own: usize) -> Option<TokenStream> {
    let wiring = paths::here();
    let (contract, number) = (&edge.contract, edge.bracket);
    let overflow = match contract.overflow {
        Overflow::Block => None,
        Overflow::DropOldest => Some(quote!(.overflow(#wiring::Overflow::DropOldest))),
        Overflow::DropNewest => Some(quote!(.overflow(#wiring::Overflow::DropNewest))),
    };
    let scope = contract.limit.as_ref().zip(contract.within.as_ref());
    let scope = scope.filter(|_| edge.opens_scope).map(|(limit, within)| {
        let limit = paths::count(limit, &constant("LIMIT", number));
        let within = paths::duration(within, &constant("WITHIN", number));
        quote!(.each(#limit, #within))
    });
    let ends = matches!(edge.kind, EdgePlanKind::Finish { .. });
    let first = contract.first.as_ref().filter(|_| ends).map(|first| {
        let first = paths::count(first, &constant("FIRST", number));
        quote!(.first(#first))
    });
    let back = edge.back.as_ref().map(|back| self::back(back, own, number));
    together([overflow, scope, first, back])
}

/// All that is said, if anything is.
fn together<const N: usize>(all: [Option<TokenStream>; N]) -> Option<TokenStream> {
    let is_said = all.iter().any(Option::is_some);
    is_said.then(|| all.into_iter().flatten().collect())
}

/// A batch that only the compiler can hold against its edge.
fn batch_fits(edge: &PlannedEdge, number: usize) -> Option<TokenStream> {
    let contract = &edge.contract;
    let (batch, linger) = (contract.batch.as_ref()?, contract.linger.as_ref()?);
    let (capacity, timeout) = (contract.capacity.as_ref()?, contract.timeout.as_ref()?);
    let is_known = matches!(batch, Amount::Known(..))
        && matches!(linger, Amount::Known(..))
        && matches!(capacity, Amount::Known(..))
        && matches!(timeout, Amount::Known(..));
    if is_known {
        return None;
    }
    let span = span_of(contract.bracket.as_ref()?);
    let wiring = paths::here_at(span);
    let batch = paths::count(batch, &constant("BATCH", number));
    let linger = paths::duration(linger, &constant("LINGER", number));
    let capacity = paths::count(capacity, &constant("CAPACITY", number));
    let timeout = paths::duration(timeout, &constant("TIMEOUT", number));
    Some(quote_spanned! {span=>
        const _: () = #wiring::checked::batch_fits(#batch, #capacity, #linger, #timeout);
    })
}

/// Whether the step keeps what a key keeps in order.
fn keyed(step: &PlannedStep) -> Option<TokenStream> {
    let span = span_of(&step.key.as_ref()?.written);
    let wiring = paths::here_at(span);
    let alias = &step.alias;
    Some(quote_spanned!(span=> const _: () = #wiring::checked::keyed::<#alias>();))
}

/// Whether replicas may come and go.
fn scaled(plan: &Plan, number: usize) -> Option<TokenStream> {
    let step = &plan.steps[number];
    let (least, most) = (step.least.as_ref()?, step.replicas.as_ref()?);
    let span = span_of(step.said.as_ref()?);
    let wiring = paths::here_at(span);
    let least = paths::count(least, &constant("LEAST", number));
    let most = paths::count(most, &constant("REPLICAS", number));
    let name = &plan.name;
    let steps = step.task.iter().map(|&step| self::number(step));
    Some(quote_spanned! {span=>
        const _: () = #wiring::checked::scaled::<#name>(#least, #most, &[#(#steps),*]);
    })
}

fn back(back: &BackPlan, edge: usize, bracket: usize) -> TokenStream {
    let wiring = paths::here();
    let rounds = paths::count(&back.rounds, &constant("ROUNDS", bracket));
    let (edge, depth) = (number(edge), number(back.depth));
    let inner = back.inner.iter().map(|&edge| number(edge));
    let joins = back.joins.iter().map(|&join| number(join));
    quote!(.back(#wiring::Back::new(#edge, #rounds, #depth, &[#(#inner),*], &[#(#joins),*])))
}

/// One constant for each loop.
pub(super) fn loops(plan: &Plan) -> Vec<TokenStream> {
    let wiring = paths::here();
    let loops = plan.loops.iter().map(|each| {
        let header = number(each.header);
        let backs = each.backs.iter().map(|&(from, edge)| {
            let (from, edge) = (number(from), number(edge));
            quote!((#from, #edge))
        });
        let ways = each.ways.iter().map(|&(from, to, edge, is_whole)| {
            let (from, to) = (number(from), number(to));
            let edge = match edge.map(number) {
                Some(edge) => quote!(::core::option::Option::Some(#edge)),
                None => quote!(::core::option::Option::None),
            };
            quote!((#from, #to, #edge, #is_whole))
        });
        let steps = each.steps.iter().map(|&step| number(step));
        quote!(#wiring::Loop::new(#header, &[#(#backs),*], &[#(#ways),*], &[#(#steps),*]))
    });
    loops.collect()
}

/// The room of back edges: how much it takes only the compiler knows, where an
/// amount is an expression, or a step a topology.
pub(super) fn rooms(plan: &Plan) -> Vec<TokenStream> {
    let name = &plan.name;
    let loops = plan.loops.iter().enumerate();
    let checks =
        loops.flat_map(|(position, each)| {
            let backs = each.backs.iter().enumerate();
            backs.map(move |(back, &(_, edge))| {
            let bracket = plan.edges[edge].contract.bracket.clone().unwrap_or_default();
            let span = span_of(&bracket);
            let wiring = paths::here_at(span);
            let (position, back) = (number(position), number(back));
            quote_spanned!(span=> const _: () = #wiring::checked::room::<#name>(#position, #back);)
        })
        });
    checks.collect()
}

/// The name of a constant that only the compiler can evaluate.
pub(super) fn constant(what: &str, number: usize) -> Ident {
    Ident::new(&format!("__{what}_{number}"), Span::mixed_site())
}

/// The constants that only the compiler can evaluate, each held against its
/// rule.
pub(super) fn constants(plan: &Plan) -> Vec<TokenStream> {
    let mut constants = Vec::new();
    for (number, edge) in plan.edges.iter().enumerate() {
        if edge.bracket == number {
            let (capacity, timeout) = (&edge.contract.capacity, &edge.contract.timeout);
            let name = constant("CAPACITY", number);
            constants.extend(paths::constant(capacity.as_ref(), &name, "capacity"));
            let name = constant("TIMEOUT", number);
            constants.extend(paths::constant(timeout.as_ref(), &name, "timeout"));
            let (limit, within) = (&edge.contract.limit, &edge.contract.within);
            let name = constant("LIMIT", number);
            constants.extend(paths::constant(limit.as_ref(), &name, "limit"));
            let name = constant("WITHIN", number);
            constants.extend(paths::constant(within.as_ref(), &name, "timeout"));
            let (batch, linger) = (&edge.contract.batch, &edge.contract.linger);
            let name = constant("BATCH", number);
            constants.extend(paths::constant(batch.as_ref(), &name, "batch"));
            let name = constant("LINGER", number);
            constants.extend(paths::constant(linger.as_ref(), &name, "timeout"));
            constants.extend(batch_fits(edge, number));
            let name = constant("ROUNDS", number);
            constants.extend(paths::constant(
                edge.contract.rounds.as_ref(),
                &name,
                "rounds",
            ));
            let name = constant("FIRST", number);
            constants.extend(paths::constant(
                edge.contract.first.as_ref(),
                &name,
                "first",
            ));
        }
    }
    for (number, step) in plan.steps.iter().enumerate() {
        let name = constant("REPLICAS", number);
        constants.extend(paths::constant(step.replicas.as_ref(), &name, "replicas"));
        let rate = step.rate.as_ref().map(|rate| &rate.attempts);
        constants.extend(paths::constant(rate, &constant("RATE", number), "rate"));
        constants.extend(paths::constant(
            step.least.as_ref(),
            &constant("LEAST", number),
            "replicas",
        ));
        constants.extend(keyed(step));
        constants.extend(scaled(plan, number));
    }
    for (number, boundary) in plan.boundaries.iter().enumerate() {
        constants.extend(boundaries::constants(number, boundary));
    }
    let deadline = plan.deadline.as_ref();
    constants.extend(paths::constant(
        deadline,
        &constant("DEADLINE", 0),
        "timeout",
    ));
    constants
}

/// The header's deadline.
pub(super) fn deadline(plan: &Plan) -> TokenStream {
    match &plan.deadline {
        Some(deadline) => {
            let deadline = paths::duration(deadline, &constant("DEADLINE", 0));
            quote!(::core::option::Option::Some(#deadline))
        }
        None => quote!(::core::option::Option::None),
    }
}

/// One constant for each way from node to node: 0 is `in`, then the steps, and
/// `out` is the last.
pub(super) fn hops(plan: &Plan) -> TokenStream {
    let out = plan.steps.len() + 1;
    let mut rows = Rows::default();
    for hop in &plan.hops {
        let from = hop.from.map_or(0, |step| step + 1);
        let to = hop.to.map_or(out, |step| step + 1);
        match (hop.scope, hop.edge) {
            (None, Some(edge)) => {
                rows.text(format_args!("__wiring::Hop::by_edge({from}, {to}, {edge}),"));
            }
            (None, None) => rows.text(format_args!("__wiring::Hop::by_call({from}, {to}),")),
            (Some(each), Some(edge)) => rows.text(format_args!(
                "__wiring::Hop::by_scope({from}, {to}, {each}, ::core::option::Option::Some({edge})),"
            )),
            (Some(each), None) => rows.text(format_args!(
                "__wiring::Hop::by_scope({from}, {to}, {each}, ::core::option::Option::None),"
            )),
        }
    }
    rows.all()
}

/// One constant for each join.
pub(super) fn tables(plan: &Plan) -> Vec<TokenStream> {
    let wiring = paths::here();
    let tables = plan.tables.iter().map(|table| {
        let step = &plan.steps[table.step].alias;
        let edges = table.edges.iter().map(|&edge| number(edge));
        let steps = table.steps.iter().map(|&step| number(step));
        if let Some((each, source, result)) = table.scope {
            let opens = plan.edges[each].step.map(|to| &plan.steps[to].alias);
            let (each, from) = (number(each), number(source));
            let result = match result {
                Some(step) => {
                    let step = &plan.steps[step].alias;
                    quote!(<#step as #wiring::WorkflowStep>::Output)
                }
                None => quote!(()),
            };
            return quote! {
                #wiring::Table::scope::<#opens, #result>(
                    #each, #from, &[#(#edges),*], &[#(#steps),*]
                )
            };
        }
        quote!(#wiring::Table::of::<#step>(&[#(#edges),*], &[#(#steps),*]))
    });
    tables.collect()
}

/// The budgets, held against what the header declares.
pub(super) fn budgets(plan: &Plan) -> Vec<TokenStream> {
    let name = &plan.name;
    let mut checks = vec![nesting(plan)];
    if let Some(deadline) = &plan.deadline {
        let span = span_of(&deadline.tokens());
        let wiring = paths::here_at(span);
        let deadline = paths::duration(deadline, &constant("DEADLINE", 0));
        checks.push(quote_spanned!(span=>
            const _: () = #wiring::checked::deadline::<#name>(#name::WORST_CASE, #deadline);
        ));
    }
    if let Some(memory) = &plan.memory {
        let span = span_of(&memory.tokens());
        let wiring = paths::here_at(span);
        let memory = paths::bytes(memory);
        checks.push(quote_spanned!(span=>
            const _: () = #wiring::checked::memory::<#name>(#name::QUEUE_BYTES, #memory);
        ));
    }
    checks
}

/// A topology inside itself.
fn nesting(plan: &Plan) -> TokenStream {
    let name = &plan.name;
    let span = name.span();
    let wiring = paths::here_at(span);
    quote_spanned!(span=> const _: () = #wiring::checked::nesting::<#name>();)
}

/// A number among the steps.
pub(super) fn number(position: usize) -> Literal {
    Literal::usize_unsuffixed(position)
}
