//! A step that may take for ever.

use super::{Level, Rule};
use crate::report::Fault;
use crate::syntax::Step;

pub(crate) static RULE: Rule = Rule {
    name: "untimed_step",
    level: Level::Error,
    explain: "An `async` step waits for something, and what it waits for may never come; a \
              `blocking` step may hang in a system call. Each says how long one attempt may take: \
              `timeout = 200ms`. An `async` step is dropped at its timeout. Of a blocking step the \
              wait is given up and its thread finishes by itself. An inline step has no timeout: \
              it is short.",
};

pub(crate) fn fault(step: &Step, is_blocking: bool) -> Fault {
    let name = &step.name;
    let kind = if is_blocking { "blocking" } else { "async" };
    let flag = if is_blocking { "blocking, " } else { "" };
    Fault::new(
        &RULE,
        name,
        format!("{kind} step `{name}` declares no timeout"),
    )
    .note("what it waits for may never come")
    .help(format!(
        "say how long one attempt may take: `#[workflow_step({flag}timeout = 1s)]`"
    ))
}
