//! A message that cannot be written by one process and read by another. Found by
//! the compiler: only it knows the types.

use super::{Example, Level, Rule};

pub(crate) static RULE: Rule = Rule {
    name: "unserialisable_crossing",
    level: Level::Error,
    summary: "A message cannot cross into a process, or out of it",
    explain: "Processes share no memory. What comes to a step in a process, and what it returns, \
              is written by one process and read by another, so it implements `Serialize` and \
              `Deserialize` of `serde`. That holds between two steps of one process too, because \
              every message goes by the process that knows its fate. What holds a lock, a \
              connection or a channel cannot cross: send what it is made from.",
    rejected: Example(
        "
        #[workflow_step(idempotent)]
        fn transcode(order: Order) -> Order {
            order
        }
        topology! {
            Orders<Order -> Order>;
            in -> transcode -> out [capacity = 16, timeout = 1s];
            boundary codec: process { transcode }
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Film(String);
        #[workflow_step(idempotent)]
        fn transcode(film: Film) -> Film {
            film
        }
        topology! {
            Films<Film -> Film>;
            in -> transcode -> out [capacity = 16, timeout = 1s];
            boundary codec: process { transcode }
            else fail;
        }
    ",
    ),
};
