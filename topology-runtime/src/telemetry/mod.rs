//! What can be seen of a running topology: spans and numbers.

mod advice;
mod clock;
pub(crate) mod current;
#[cfg(feature = "dashboard")]
pub mod dashboard;
mod histogram;
mod latency;
mod links;
mod merge;
mod meter;
#[cfg(feature = "otel")]
pub mod otel;
#[cfg(feature = "metrics")]
mod publish;
mod sampling;
mod seldom;
mod snapshot;
pub(crate) mod spans;
mod table;

pub use self::advice::Advice;
pub(crate) use self::clock::{AtomicTick, Clock, Tick, nanos};
pub(crate) use self::histogram::{Histogram, Spell};
pub use self::latency::Latency;
pub(crate) use self::links::Links;
pub(crate) use self::meter::{EdgeMeter, StepMeter, Working, Writer};
pub(crate) use self::sampling::Sampler;
pub use self::sampling::Sampling;
pub(crate) use self::seldom::Seldom;
pub use self::snapshot::{BoundarySnapshot, EdgeSnapshot, Snapshot, StepSnapshot, TaskSnapshot};
pub(crate) use self::spans::does_somebody_listen;
