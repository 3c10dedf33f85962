//! A topology that can take longer than its header allows. Found by the
//! compiler: steps declare their numbers in macros of their own.

use super::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    name: "over_deadline",
    level: Level::Error,
    explain: "`Name::WORST_CASE` is the longest that a message can take to its fate: each edge's \
              timeout, each step's attempts with the longest waits between them, failure routes \
              included, along the way that costs most. Where the header declares a `deadline`, \
              it is not shorter than that; otherwise messages would fail by the deadline that \
              every part kept its promise to. Shorten the timeouts along the way that the error \
              shows, retry less, or declare a longer deadline.",
};
