//! What steps and edges declare, from the constants of an expansion.

use std::time::Duration;

use syn::Expr;
use topology_runtime::wiring::{Back, EdgeSpec, Overflow, Root, Specs, StepSpec, Strategy};

use crate::calls::{Call, chain, ident, number, numbers, string};
use crate::expansion::Expansion;
use crate::steps::Universal;
use crate::value::Value;

/// Constants live for ever: each is made once in a run of the tests.
pub(crate) fn specs(expansion: &Expansion) -> &'static Specs {
    Box::leak(Box::new(Specs {
        name: "Name",
        steps: steps(expansion),
        edges: edges(expansion),
        hops: &[],
        tables: &[],
        loops: &[],
        boundaries: &[],
        strategy: Strategy::OneForOne,
    }))
}

fn steps(expansion: &Expansion) -> &'static [StepSpec] {
    let all = expansion.specs.steps.iter().enumerate();
    let all: Vec<_> = all
        .map(|(step, calls)| self::step(calls, expansion.parts(step)))
        .collect();
    all.leak()
}

fn edges(expansion: &Expansion) -> &'static [EdgeSpec] {
    let all = expansion.specs.edges.iter();
    let all: Vec<_> = all.map(|calls| edge(calls)).collect();
    all.leak()
}

fn step(calls: &[Call], parts: usize) -> StepSpec {
    let name = string(&calls[0].args[0]).leak();
    let spec = match parts {
        2 => StepSpec::of::<Universal<2, Value>, Root>(name),
        3 => StepSpec::of::<Universal<3, Value>, Root>(name),
        _ => StepSpec::of::<Universal<0, Value>, Root>(name),
    };
    calls[1..].iter().fold(spec, |spec, call| {
        let args = &call.args;
        match call.name.as_str() {
            "replicas" => spec.replicas(number(&args[0])),
            "batch" => spec.batch(number(&args[0]), time(&args[1])),
            other => panic!("`{other}` is nothing that a step declares"),
        }
    })
}

fn edge(calls: &[Call]) -> EdgeSpec {
    let args = &calls[0].args;
    let (from, to) = (string(&args[0]).leak(), string(&args[1]).leak());
    let spec = EdgeSpec::new(from, to, number(&args[2]), time(&args[3]));
    calls[1..].iter().fold(spec, |spec, call| {
        let args = &call.args;
        match call.name.as_str() {
            "step" => spec.step(number(&args[0])),
            "each" => spec.each(number(&args[0]), time(&args[1])),
            "first" => spec.first(number(&args[0])),
            "back" => spec.back(back(&args[0])),
            "overflow" => spec.overflow(match ident(&args[0]).as_str() {
                "DropOldest" => Overflow::DropOldest,
                _ => Overflow::DropNewest,
            }),
            other => panic!("`{other}` is nothing that an edge declares"),
        }
    })
}

fn back(made: &Expr) -> Back {
    let args = &chain(made)[0].args;
    Back::new(
        number(&args[0]),
        number(&args[1]),
        number(&args[2]),
        numbers(&args[3]).leak(),
        numbers(&args[4]).leak(),
    )
}

fn time(millis: &Expr) -> Duration {
    let millis = number(&chain(millis)[0].args[0]);
    Duration::from_millis(millis as u64)
}
