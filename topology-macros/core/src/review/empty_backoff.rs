//! A backoff whose end lies before its start.

use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "empty_backoff",
    level: Level::Error,
    summary: "A backoff ends before it begins, or is no range",
    explain: "`backoff = A..B` waits before the first retry up to A, then up to twice as long each \
              time, and never longer than B; how long exactly is drawn at random (full jitter), so \
              that clients which failed together do not come back together. B is at least A.",
    rejected: Example(
        "
        #[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 1s..10ms))]
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

pub(crate) fn inverted(anchor: impl ToTokens, from: &str, to: &str) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        format!("the backoff `{from}..{to}` ends before it begins"),
    )
    .help(format!(
        "the shorter time comes first: `backoff = {to}..{from}`"
    ))
}

pub(crate) fn no_range(anchor: impl ToTokens) -> Fault {
    Fault::new(&RULE, anchor, "the backoff has no beginning and end")
        .note("waits grow from the first time to the second")
        .help("say both: `backoff = 10ms..1s`")
}
