//! The review of one step: what its attribute promises, held against its
//! signature.

use std::time::Duration;

use syn::{Expr, ExprRange};

use super::{
    empty_backoff, misplaced_attribute, repeated_attribute, unbounded_retry, unknown_attribute,
    unmarked_retry, untimed_step,
};
use crate::amount::{self, Amount};
use crate::graph::{Place, known_attributes};
use crate::plan::StepPlan;
use crate::report::{Fault, Report};
use crate::syntax::{Attribute, Block, Kind, Retry, Step, Value};

/// Reads the numbers and flags of a step and holds them against its rules.
pub(crate) fn review_step<'a>(step: &'a Step, report: &mut Report) -> StepPlan<'a> {
    let mut plan = StepPlan {
        step,
        kind: if step.is_async {
            Kind::Async
        } else {
            Kind::Inline
        },
        timeout: None,
        retry: None,
        is_idempotent: false,
        tick: None,
    };
    if step.source.is_some() {
        for attribute in known_attributes(&step.attributes, Place::Step, report) {
            let fault = misplaced_attribute::on_source(&attribute.key, &step.name);
            report.push(fault);
        }
        // An `async fn` was refused as it was read.
        plan.kind = Kind::Inline;
        return plan;
    }
    let faults = report.faults().len();
    for attribute in known_attributes(&step.attributes, Place::Step, report) {
        match attribute.key.to_string().as_str() {
            "timeout" => plan.timeout = amount::duration(attribute, report),
            "blocking" => blocking(&mut plan, attribute, report),
            "retry" => plan.retry = retry(attribute, report),
            _ => plan.is_idempotent = flag(attribute, report),
        }
    }
    let has_filter = plan
        .retry
        .as_ref()
        .is_some_and(|retry| retry.when.is_some());
    if has_filter && !step.is_fallible() && !step.is_fallible_by_message() {
        report.push(nothing_to_filter(step));
    }
    let misread = report.faults().len() > faults;
    plan.tick = step.block.as_ref().and_then(|block| tick(block, report));
    let timed = timed(&plan);
    if plan.timeout.is_none() && !misread {
        report.extend(timed);
    } else if plan.timeout.is_some() && timed.is_empty() {
        let mut attributes = step.attributes.iter();
        if let Some(timeout) = attributes.find(|attribute| attribute.key == "timeout") {
            report.push(misplaced_attribute::inline_timeout(&timeout.key, step));
        }
    }
    plan
}

/// How often a stateful step ticks.
fn tick(block: &Block, report: &mut Report) -> Option<Amount<Duration>> {
    let tick = block.tick.as_ref()?;
    let attributes = known_attributes(&tick.attributes, Place::Method, report);
    amount::duration(attributes.first()?, report)
}

/// What of a step may take for ever, as a fault if it has no timeout.
fn timed(plan: &StepPlan) -> Vec<Fault> {
    let step = plan.step;
    let mut faults = Vec::new();
    if matches!(plan.kind, Kind::Async | Kind::Blocking) {
        let is_blocking = plan.kind == Kind::Blocking;
        faults.push(untimed_step::fault(step, step.called(), is_blocking));
    }
    let block = step.block.as_ref();
    for method in block.into_iter().flat_map(Block::others) {
        if method.is_async {
            faults.push(untimed_step::fault(step, &method.name, false));
        }
    }
    faults
}

/// What is to be said of a step that obeys every rule.
pub(crate) fn note_step(plan: &StepPlan, report: &mut Report) {
    if let Some(retry) = unmarked_retry::anchor(plan) {
        report.push(unmarked_retry::note(retry, &plan.step.name));
    }
}

fn nothing_to_filter(step: &Step) -> Fault {
    let name = step.called();
    Fault::unreadable(name, format!("step `{name}` has no errors to filter"))
        .note("`when` looks at the error that a step returned, and this one returns no `Result`")
        .help("leave `when` out: an attempt that takes too long is tried again")
}

fn blocking(plan: &mut StepPlan, attribute: &Attribute, report: &mut Report) {
    flag(attribute, report);
    if plan.step.is_async {
        report.push(misplaced_attribute::blocking_async(
            &attribute.key,
            plan.step.called(),
        ));
    } else {
        plan.kind = Kind::Blocking;
    }
}

fn flag(attribute: &Attribute, report: &mut Report) -> bool {
    if !matches!(attribute.value, Value::Flag) {
        let key = &attribute.key;
        let fault = Fault::unreadable(
            attribute.value.anchor(key),
            format!("`{key}` takes no value"),
        );
        report.push(fault.help(format!("write `{key}` by itself, or leave it out")));
    }
    true
}

const RETRY: [&str; 3] = ["attempts", "backoff", "when"];

fn retry(attribute: &Attribute, report: &mut Report) -> Option<Retry> {
    let Value::List(list) = &attribute.value else {
        report.push(unbounded_retry::missing(&attribute.key));
        return None;
    };
    let mut attempts = None;
    let mut backoff = None;
    let mut when = None;
    let mut misread = false;
    let mut seen: Vec<&Attribute> = Vec::new();
    for inner in list {
        if let Some(first) = seen.iter().find(|other| other.key == inner.key) {
            report.push(repeated_attribute::fault(&inner.key, &first.key));
            continue;
        }
        seen.push(inner);
        match (inner.key.to_string().as_str(), &inner.value) {
            ("attempts", _) => {
                attempts = amount::count(inner, report);
                misread |= attempts.is_none();
            }
            ("backoff", _) => backoff = backoff_range(inner, report),
            ("when", Value::Expr(path)) => when = Some(path.clone()),
            ("when", _) => {
                let fault = Fault::unreadable(&inner.key, "`when` is set to nothing");
                report.push(fault.help("name what says whether an error is worth another attempt: `when = is_transient`"));
            }
            _ => {
                report.push(unknown_attribute::inside(&inner.key, "retry", &RETRY));
                misread = true;
            }
        }
    }
    if let Some(Amount::Known(0 | 1, tokens)) = &attempts {
        report.push(unbounded_retry::too_few(tokens));
    }
    if attempts.is_none() && !misread {
        report.push(unbounded_retry::missing(&attribute.key));
    }
    Some(Retry {
        attempts: attempts?,
        backoff,
        when,
    })
}

fn backoff_range(
    attribute: &Attribute,
    report: &mut Report,
) -> Option<(Amount<Duration>, Amount<Duration>)> {
    let anchor = attribute.value.anchor(&attribute.key);
    let range = match &attribute.value {
        Value::Expr(expr) => match &**expr {
            Expr::Range(ExprRange {
                start: Some(start),
                end: Some(end),
                ..
            }) => Some((start, end)),
            _ => None,
        },
        _ => None,
    };
    let Some((start, end)) = range else {
        report.push(empty_backoff::no_range(anchor));
        return None;
    };
    let start = amount::duration_of(start, "backoff", report)?;
    let end = amount::duration_of(end, "backoff", report)?;
    if let (Amount::Known(from, _), Amount::Known(to, _)) = (&start, &end)
        && from > to
    {
        let (from, to) = (start.text(), end.text());
        report.push(empty_backoff::inverted(anchor, &from, &to));
    }
    Some((start, end))
}
