//! An edge that declares no timeout. Found together with a missing capacity.

use super::{Example, Level, Rule};

pub(crate) static RULE: Rule = Rule {
    name: "missing_timeout",
    level: Level::Error,
    summary: "An edge does not say how long a message may spend on it",
    explain: "`timeout = D` is the longest a message may spend on the edge, from the moment it is \
              offered to the moment the next step starts on it. Without one, a message that is \
              stuck behind a slow step waits for ever, and so does whoever called. With one, \
              latency is a sum of declared numbers. Take what the caller can bear, less what the \
              steps need.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};
