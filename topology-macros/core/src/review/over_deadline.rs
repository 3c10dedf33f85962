//! A topology that can take longer than its header allows. Found by the
//! compiler: steps declare their numbers in macros of their own.

use super::{Example, Level, Rule};

pub(crate) static RULE: Rule = Rule {
    name: "over_deadline",
    level: Level::Error,
    summary: "The worst case takes longer than the header's `deadline`",
    explain: "`Name::WORST_CASE` is the longest that a message can take to its fate: each edge's \
              timeout, each step's attempts with the longest waits between them, failure routes \
              included, along the way that costs most. Where the header declares a `deadline`, \
              it is not shorter than that; otherwise messages would fail by the deadline that \
              every part kept its promise to. Shorten the timeouts along the way that the error \
              shows, retry less, or declare a longer deadline.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order> [deadline = 2s];
            in -> price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order> [deadline = 3s];
            in -> price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};
