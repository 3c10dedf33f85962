//! A step that may take for ever.

use proc_macro2::Ident;

use super::{Example, Level, Rule};
use crate::report::Fault;
use crate::syntax::Step;

pub(crate) static RULE: Rule = Rule {
    name: "untimed_step",
    level: Level::Error,
    summary: "An `async` or `blocking` step does not say how long it may take",
    explain: "An `async` step waits for something, and what it waits for may never come; a \
              `blocking` step may hang in a system call. Each says how long one attempt may take: \
              `timeout = 200ms`. An `async` step is dropped at its timeout. Of a blocking step the \
              wait is given up and its thread finishes by itself. An inline step has no timeout: \
              it is short. The timeout of a stateful step holds for its `tick` and its `finish` \
              too.",
    rejected: Example(
        "
        #[workflow_step]
        async fn book(order: Order) -> Order {
            order
        }
    ",
    ),
    accepted: Example(
        "
        #[workflow_step(timeout = 200ms)]
        async fn book(order: Order) -> Order {
            order
        }
    ",
    ),
};

/// `name` is the function's, or the method's of a stateful step.
pub(crate) fn fault(step: &Step, name: &Ident, is_blocking: bool) -> Fault {
    let shown = match &step.block {
        Some(_) => format!("{}::{name}", step.name),
        None => name.to_string(),
    };
    let kind = if is_blocking { "blocking" } else { "async" };
    let place = step.block.as_ref().map_or("", |_| " on the block");
    let flag = if is_blocking { "blocking, " } else { "" };
    Fault::new(
        &RULE,
        name,
        format!("{kind} step `{shown}` declares no timeout"),
    )
    .note("what it waits for may never come")
    .help(format!(
        "say how long one attempt may take: `#[workflow_step({flag}timeout = 1s)]`{place}"
    ))
}
