//! A step that the threads of a boundary cannot run.

use super::{Example, Level, Rule};

pub(crate) static RULE: Rule = Rule {
    name: "unfit_member",
    level: Level::Error,
    summary: "A thread boundary has a step that runs on threads of its own already",
    explain: "The threads of a boundary run plain and `async` steps. A `blocking` step has a \
              thread of tokio's pool for each message, and its timeout gives up the wait for that: \
              leave it out of the boundary, or make it a plain `fn`, which may take as long as it \
              likes there. A topology as a step has tasks of its own: put a boundary into it.",
    rejected: Example(
        "
        #[workflow_step(timeout = 1min, blocking)]
        fn hash(order: Order) -> Order {
            order
        }
        topology! {
            Orders<Order -> Order>;
            in -> hash -> out [capacity = 16, timeout = 1min];
            boundary cpu: thread { hash }
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        #[workflow_step]
        fn hash(order: Order) -> Order {
            order
        }
        topology! {
            Orders<Order -> Order>;
            in -> hash -> out [capacity = 16, timeout = 1min];
            boundary cpu: thread { hash }
            else fail;
        }
    ",
    ),
};
