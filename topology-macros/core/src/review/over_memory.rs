//! A topology that can hold more than its header allows. Found by the
//! compiler: only it knows how large messages are.

use super::{Example, Level, Rule};

pub(crate) static RULE: Rule = Rule {
    name: "over_memory",
    level: Level::Error,
    summary: "What can wait in the queues is more than the header's `memory`",
    explain: "`Name::QUEUE_BYTES` is the most memory that waiting messages can take: as many as \
              each edge holds, and as many as can wait for their siblings at each join. It counts \
              the size of the types; what they hold on the heap is not known to the compiler. \
              Where the header declares a `memory`, it is at least that. Lower the capacity of \
              the edge that the error shows, box what is large, or declare more.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order> [memory = 1KiB];
            in -> price -> out [capacity = 1024, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order> [memory = 1MiB];
            in -> price -> out [capacity = 1024, timeout = 1s];
            else fail;
        }
    ",
    ),
};
