//! Boundaries: what runs apart from the rest of its topology.
//!
//! A thread boundary has threads of its own. The tasks of its steps are polled
//! there and nowhere else, and everything around them stays as it is: queues are
//! shared, and timers are those of the runtime that the topology was started on.

mod hold;
mod job;
mod pool;
mod spec;
#[cfg(test)]
mod tests;
mod threads;

pub use self::spec::BoundarySpec;
pub(crate) use self::threads::Threads;
