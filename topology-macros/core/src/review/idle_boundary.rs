//! A note: a queue between two steps that nothing keeps apart.

use super::{Level, Rule};

pub(crate) fn text(from: &str, to: &str) -> String {
    format!(
        "the queue between the inline steps `{from}` and `{to}` costs more than both: \
         `{from} >> {to}` would do"
    )
}

pub(crate) static RULE: Rule = Rule {
    name: "idle_boundary",
    level: Level::Note,
    explain: "Two inline steps with one edge between them and the same number of replicas share \
              every property: neither waits, neither is slower than a function call, and the queue \
              between them costs more than both. `a >> b` joins them without a boundary, and \
              splitting them again is one character.",
};
