//! The rules: one file each, and the table of all.
//!
//! A rule is data and one small function. Rules about the graph as a whole
//! check it here; rules about what is written inside a bracket or between two
//! names are found by the stage that reads it, with the words that stand here.

pub(crate) mod ambiguous_boundary;
pub(crate) mod ambiguous_fan_in;
pub(crate) mod ambiguous_fan_out;
pub(crate) mod ambiguous_unit;
pub(crate) mod answered_twice;
pub(crate) mod chained_fallback;
pub(crate) mod dead_end;
pub(crate) mod empty_backoff;
pub(crate) mod empty_boundary;
pub(crate) mod endless_nesting;
pub(crate) mod fine_timeout;
pub(crate) mod hasty_edge;
pub(crate) mod idle_boundary;
pub(crate) mod long_linger;
pub(crate) mod lost_part;
pub(crate) mod misplaced_attribute;
pub(crate) mod missing_capacity;
pub(crate) mod missing_timeout;
pub(crate) mod never_joins;
pub(crate) mod over_deadline;
pub(crate) mod over_memory;
pub(crate) mod oversized_batch;
mod page;
pub(crate) mod repeated_attribute;
pub(crate) mod repeated_edge;
pub(crate) mod reserved_name;
pub(crate) mod scaled_state;
mod sources;
pub(crate) mod split_call;
mod step;
pub(crate) mod unanswered;
pub(crate) mod unbounded_cycle;
pub(crate) mod unbounded_each;
pub(crate) mod unbounded_retry;
pub(crate) mod unclosed_each;
pub(crate) mod undeclared_failure;
pub(crate) mod unfit_cores;
pub(crate) mod unfit_member;
pub(crate) mod unkeyed_replicas;
pub(crate) mod unknown_attribute;
pub(crate) mod unknown_boundary;
pub(crate) mod unknown_operator;
pub(crate) mod unmarked_redelivery;
pub(crate) mod unmarked_retry;
pub(crate) mod unopened_all;
pub(crate) mod unreachable_step;
pub(crate) mod unserialisable_crossing;
pub(crate) mod unstructured_loop;
pub(crate) mod untimed_step;
pub(crate) mod waivers;
pub(crate) mod wedging_cycle;
pub(crate) mod zero_capacity;

pub use self::page::Example;
pub(crate) use self::step::{note_step, review_step};
use crate::graph::{Conditions, Graph, Loops, Nests};
use crate::plan::Plan;
use crate::report::Report;

/// Something that a sound topology obeys.
#[derive(Debug)]
pub struct Rule {
    /// Its name, in words that read well behind `allow`.
    pub name: &'static str,
    /// Whether it can be waived.
    pub level: Level,
    /// What breaks it, in one line without a full stop.
    pub summary: &'static str,
    /// Why it is a rule, and what to do about it.
    pub explain: &'static str,
    /// What breaks it, and no other rule.
    pub rejected: Example,
    /// The nearest way to write that which breaks none.
    pub accepted: Example,
}

/// How much a rule weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The topology does not compile.
    Error,
    /// A warning that can be allowed.
    Note,
}

/// All rules, by name.
pub static RULES: &[&Rule] = &[
    &ambiguous_boundary::RULE,
    &ambiguous_fan_in::RULE,
    &ambiguous_fan_out::RULE,
    &ambiguous_unit::RULE,
    &answered_twice::RULE,
    &chained_fallback::RULE,
    &dead_end::RULE,
    &empty_backoff::RULE,
    &empty_boundary::RULE,
    &endless_nesting::RULE,
    &fine_timeout::RULE,
    &hasty_edge::RULE,
    &idle_boundary::RULE,
    &long_linger::RULE,
    &lost_part::RULE,
    &misplaced_attribute::RULE,
    &missing_capacity::RULE,
    &missing_timeout::RULE,
    &never_joins::RULE,
    &over_deadline::RULE,
    &over_memory::RULE,
    &oversized_batch::RULE,
    &repeated_attribute::RULE,
    &repeated_edge::RULE,
    &reserved_name::RULE,
    &scaled_state::RULE,
    &split_call::RULE,
    &unanswered::RULE,
    &unbounded_cycle::RULE,
    &unbounded_each::RULE,
    &unbounded_retry::RULE,
    &unclosed_each::RULE,
    &undeclared_failure::RULE,
    &unfit_cores::RULE,
    &unfit_member::RULE,
    &unkeyed_replicas::RULE,
    &unknown_attribute::RULE,
    &unknown_boundary::RULE,
    &unknown_operator::RULE,
    &unmarked_redelivery::RULE,
    &unmarked_retry::RULE,
    &unopened_all::RULE,
    &unreachable_step::RULE,
    &unserialisable_crossing::RULE,
    &unstructured_loop::RULE,
    &untimed_step::RULE,
    &wedging_cycle::RULE,
    &zero_capacity::RULE,
];

/// Rules about a part of the graph: they hold even where another part could not
/// be read.
const LOCAL: [fn(&Graph, &mut Report); 5] = [
    missing_capacity::check,
    unbounded_each::check,
    long_linger::check,
    oversized_batch::check,
    split_call::check,
];

/// Rules about the graph as a whole.
const WHOLE: [fn(&Graph, &mut Report); 11] = [
    unbounded_cycle::check,
    ambiguous_fan_in::check,
    ambiguous_fan_out::check,
    unreachable_step::check,
    dead_end::check,
    sources::check,
    unfit_member::check,
    endless_nesting::check,
    undeclared_failure::check,
    chained_fallback::check,
    waivers::check,
];

/// Rules about the scopes and races that edges are inside.
const NESTED: [fn(&Graph, &Nests, &mut Report); 5] = [
    unopened_all::check,
    unclosed_each::check,
    never_joins::check_nests,
    answered_twice::check_nests,
    never_joins::check_races,
];

/// Rules about the conditions under which messages cross edges.
const CONDITIONAL: [fn(&Graph, &mut Conditions, &mut Report); 5] = [
    never_joins::check,
    unstructured_loop::check,
    answered_twice::check,
    unanswered::check,
    wedging_cycle::check,
];

/// Holds the graph against every rule. The plan is what passed.
///
/// What a fault of one stage makes meaningless, the next does not look at.
pub(crate) fn review(graph: &Graph, report: &mut Report) -> Option<Plan> {
    for check in LOCAL {
        check(graph, report);
    }
    if report.is_incomplete() {
        return None;
    }
    let faults = report.faults().len();
    for check in WHOLE {
        check(graph, report);
    }
    if report.faults().len() > faults {
        return None;
    }
    let loops = Loops::of(graph);
    unstructured_loop::check_shape(graph, &loops, report);
    if report.faults().len() > faults {
        return None;
    }
    let nests = Nests::of(graph);
    for check in NESTED {
        check(graph, &nests, report);
        if report.faults().len() > faults {
            return None;
        }
    }
    let mut conditions = Conditions::of(graph, nests, loops);
    for check in CONDITIONAL {
        check(graph, &mut conditions, report);
        if report.faults().len() > faults {
            return None;
        }
    }
    report.is_clean().then(|| Plan::new(graph, &mut conditions))
}
