//! What the page of each rule shows as rejected breaks that rule and no other,
//! and what it shows as accepted breaks none.
//!
//! Both are compiled too: they are the documentation tests of
//! `topology_runtime::rules`.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use topology_macros_core::{Example, RULES, Report, analyze, analyze_step};

/// What depends on the numbers, kinds and types of steps: only the
/// documentation tests tell.
const FOUND_BY_THE_COMPILER: [&str; 10] = [
    "hasty_edge",
    "idle_boundary",
    "lost_part",
    "over_deadline",
    "over_memory",
    "scaled_state",
    "unfit_member",
    "unkeyed_replicas",
    "unmarked_redelivery",
    "unserialisable_crossing",
];

#[test]
fn what_is_rejected_breaks_the_rule_and_no_other() {
    for rule in RULES {
        let expected: &[&str] = if FOUND_BY_THE_COMPILER.contains(&rule.name) {
            &[]
        } else {
            &[rule.name]
        };
        assert_eq!(broken(&rule.rejected), expected, "{}", rule.rejected);
    }
}

#[test]
fn what_is_accepted_breaks_none() {
    for rule in RULES {
        assert_eq!(broken(&rule.accepted), [""; 0], "{}", rule.accepted);
    }
}

#[test]
fn pages_are_short_and_name_their_rule_in_order() {
    assert!(
        RULES.is_sorted_by_key(|rule| rule.name),
        "rules are sorted by name"
    );
    for rule in RULES {
        let name = rule.name;
        let summary = rule.summary;
        assert!(
            summary.len() <= 80 && !summary.ends_with('.'),
            "{name}: {summary}"
        );
        for example in [rule.rejected, rule.accepted].map(|example| example.to_string()) {
            let lines = example.lines();
            assert!(lines.clone().count() <= 12, "{name}: too long\n{example}");
            assert!(
                lines.clone().all(|line| line.len() <= 90),
                "{name}: too wide\n{example}"
            );
        }
        assert_ne!(
            rule.rejected.to_string(),
            rule.accepted.to_string(),
            "{name}"
        );
    }
}

/// The rules that the example breaks, errors and notes, each once.
#[track_caller]
fn broken(example: &Example) -> Vec<&'static str> {
    let items: syn::File = syn::parse_str(&example.to_string()).expect("items of Rust");
    let mut broken: Vec<_> = items.items.iter().flat_map(rules).collect();
    broken.dedup();
    broken
}

fn rules(item: &syn::Item) -> Vec<&'static str> {
    let report = review(item);
    let faults = report.faults().into_iter().chain(report.notes());
    let name = |fault: &topology_macros_core::Fault| match fault.rule() {
        Some(rule) => rule.name,
        None => panic!("this breaks no rule: {fault:?}"),
    };
    faults.map(name).collect()
}

fn review(item: &syn::Item) -> Report {
    match item {
        syn::Item::Macro(item) if item.mac.path.is_ident("topology") => {
            analyze(item.mac.tokens.clone()).1
        }
        syn::Item::Fn(function) => {
            let mut function = function.clone();
            let attribute = function.attrs.remove(0);
            assert!(
                attribute.path().is_ident("workflow_step"),
                "a function is a step"
            );
            let arguments = match attribute.meta {
                syn::Meta::List(list) => list.tokens,
                _ => TokenStream::new(),
            };
            analyze_step(arguments, &function.to_token_stream())
        }
        _ => Report::default(),
    }
}
