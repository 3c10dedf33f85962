//! A note: a retried step that does not say it may run twice.

use super::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    name: "unmarked_retry",
    level: Level::Note,
    explain: "An attempt that timed out may have had its effect all the same: the order was \
              booked, and only the answer was late. A step that is tried again should have the \
              same effect twice as once, and say so: `idempotent`.",
};

pub(crate) fn text(name: &str) -> String {
    format!(
        "step `{name}` is retried and does not say that it may run twice: an attempt that timed \
         out may have had its effect; make it so and say `idempotent`"
    )
}
