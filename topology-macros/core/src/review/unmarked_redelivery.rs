//! A step that may get a message twice, and does not say that this is well. Found
//! by the compiler: only it knows what the step's function says.

use super::{Example, Level, Rule};

pub(crate) static RULE: Rule = Rule {
    name: "unmarked_redelivery",
    level: Level::Error,
    summary: "A step in a process does not say that it may run twice",
    explain: "A process may end while a step works on a message. Whether the step has had its \
              effect by then nobody knows, and the message is given to the next process: it \
              arrives at least once, and perhaps twice. `idempotent` says that running twice has \
              the effect of running once: the second booking under one number changes nothing. A \
              step of which that is not true stays out of the process.",
    rejected: Example(
        "
        #[workflow_step]
        fn count(text: String) -> usize {
            text.len()
        }
        topology! {
            Texts<String -> usize>;
            in -> count -> out [capacity = 16, timeout = 1s];
            boundary apart: process { count }
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        #[workflow_step(idempotent)]
        fn count(text: String) -> usize {
            text.len()
        }
        topology! {
            Texts<String -> usize>;
            in -> count -> out [capacity = 16, timeout = 1s];
            boundary apart: process { count }
            else fail;
        }
    ",
    ),
};
