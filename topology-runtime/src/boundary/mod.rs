//! Boundaries: what runs apart from the rest of its topology.
//!
//! A thread boundary has threads of its own. The tasks of its steps are polled
//! there and nowhere else, and everything around them stays as it is: queues are
//! shared, and timers are those of the runtime that the topology was started on.

mod cores;
mod hold;
mod job;
mod pin;
mod pool;
mod process;
mod spec;
#[cfg(test)]
mod tests;
mod threads;

pub use self::cores::Cores;
#[cfg(feature = "process")]
pub use self::process::child_arguments;
#[cfg(feature = "process")]
pub(crate) use self::process::{
    Attempt, Came, End, Gate, Line, Link, Next, Pass, Time, live, refuse_to_start,
};
pub use self::process::{Crosses, Host, run_if_child};
pub(crate) use self::spec::Isolation;
pub use self::spec::{BoundarySpec, Codec, Strategy};
pub(crate) use self::threads::Threads;
