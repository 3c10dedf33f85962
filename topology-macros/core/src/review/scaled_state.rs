//! A stateful step whose replicas come and go.

use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "scaled_state",
    level: Level::Error,
    summary: "A stateful step has a range of replicas",
    explain: "Each replica of a stateful step has a state of its own. A replica that comes and \
              goes with the load would take a state with it, and a key that moves to another \
              replica would leave its state behind. A stateful step has a fixed number of \
              replicas; steps without a state may have a range.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> u64>;
            in -> Total -> out [capacity = 16, timeout = 1s];
            Total [replicas = 1..=4, key = |order| order.total];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> u64>;
            in -> Total -> out [capacity = 16, timeout = 1s];
            Total [replicas = 4, key = |order| order.total];
            else fail;
        }
    ",
    ),
};

/// A range that does not say both its ends, or leaves the last one out.
pub(crate) fn open_range(anchor: impl ToTokens) -> Fault {
    Fault::unreadable(anchor, "a range of replicas has a least and a most")
        .help("say both: `replicas = 1..=8`")
}

/// A range that ends before it begins.
pub(crate) fn inverted(anchor: impl ToTokens, least: &str, most: &str) -> Fault {
    Fault::unreadable(
        anchor,
        format!("the range `{least}..={most}` ends before it begins"),
    )
    .help(format!(
        "the fewer come first: `replicas = {most}..={least}`"
    ))
}
