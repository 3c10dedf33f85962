//! A retry without a number of attempts, or with too few to be one.

use proc_macro2::Ident;
use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "unbounded_retry",
    level: Level::Error,
    summary: "A retry does not say how often, or too few times to be one",
    explain: "Retrying without a bound turns one failing server into a load that keeps it failing. \
              `attempts = N` counts the first try, so a retry has at least 2. Retries stand on the \
              step, multiply its timeout, and count in the worst case.",
    rejected: Example(
        "
        #[workflow_step(timeout = 1s, idempotent, retry(backoff = 10ms..1s))]
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

pub(crate) fn missing(key: &Ident) -> Fault {
    Fault::new(&RULE, key, "the retry has no number of attempts")
        .help("say how often it is tried at most: `retry(attempts = 3, backoff = 10ms..1s)`")
}

pub(crate) fn too_few(anchor: impl ToTokens) -> Fault {
    let written = anchor.to_token_stream().to_string();
    Fault::new(
        &RULE,
        anchor,
        format!("with `attempts = {written}` nothing is tried again"),
    )
    .note("`attempts` counts the first try")
    .help("the least is `attempts = 2`; without a retry, leave `retry(..)` out")
}
