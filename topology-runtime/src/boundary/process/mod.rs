//! Processes: what crosses into them, and what runs inside.
//!
//! A process makes the attempts of its steps and nothing else: queues, joins,
//! timeouts, retries and books stay with the topology, so that whatever becomes of
//! the process, every message is where it is looked for. Edges between steps of one
//! process cross twice.

mod crosses;
#[cfg(feature = "process")]
mod frame;
#[cfg(feature = "process")]
mod gate;
#[cfg(feature = "process")]
mod handover;
mod host;
#[cfg(feature = "process")]
mod life;
#[cfg(feature = "process")]
mod line;
#[cfg(feature = "process")]
mod link;
#[cfg(feature = "process")]
mod order;
#[cfg(feature = "process")]
mod progress;
#[cfg(feature = "process")]
mod spawn;

pub use self::crosses::Crosses;
#[cfg(feature = "process")]
pub(crate) use self::frame::Attempt;
#[cfg(feature = "process")]
pub(crate) use self::gate::{Gate, Pass};
pub use self::host::{Host, run_if_child};
#[cfg(feature = "process")]
pub(crate) use self::life::{End, live};
#[cfg(feature = "process")]
pub(crate) use self::line::{Came, Line, Next};
#[cfg(feature = "process")]
pub(crate) use self::link::Link;
#[cfg(feature = "process")]
pub use self::order::child_arguments;
#[cfg(feature = "process")]
pub(crate) use self::order::refuse_to_start;
#[cfg(feature = "process")]
pub(crate) use self::progress::Time;
