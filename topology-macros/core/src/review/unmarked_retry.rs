//! A note: a retried step that does not say it may run twice.

use proc_macro2::Ident;

use super::{Example, Level, Rule};
use crate::plan::StepPlan;
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "unmarked_retry",
    level: Level::Note,
    summary: "A step is retried and does not say that it may run twice",
    explain: "An attempt that timed out may have had its effect all the same: the order was \
              booked, and only the answer was late. A step that is tried again should have the \
              same effect twice as once, and say so: `idempotent`.",
    rejected: Example(
        "
        #[workflow_step(timeout = 1s, retry(attempts = 3, backoff = 10ms..1s))]
        async fn book(order: Order) -> Result<Order, std::fmt::Error> {
            Ok(order)
        }
    ",
    ),
    accepted: Example(
        "
        #[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 10ms..1s))]
        async fn book(order: Order) -> Result<Order, std::fmt::Error> {
            Ok(order)
        }
    ",
    ),
};

/// The `retry` that the note is about.
pub(crate) fn anchor<'a>(plan: &StepPlan<'a>) -> Option<&'a Ident> {
    if plan.retry.is_none() || plan.is_idempotent {
        return None;
    }
    let keys = plan.step.attributes.iter().map(|attribute| &attribute.key);
    keys.into_iter().find(|key| *key == "retry")
}

/// The note as the compiler prints it, on one line.
pub(crate) fn text(name: &Ident) -> String {
    format!("{}: {FACT}; {HELP}", headline(name))
}

/// The note as a tool prints it.
pub(crate) fn note(retry: &Ident, name: &Ident) -> Fault {
    Fault::new(&RULE, retry, headline(name))
        .note(FACT)
        .help(HELP)
}

const FACT: &str = "an attempt that timed out may have had its effect";
const HELP: &str = "make it so and say `idempotent`";

fn headline(name: &Ident) -> String {
    format!("step `{name}` is retried and does not say that it may run twice")
}
