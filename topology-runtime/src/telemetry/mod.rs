//! What can be seen of a running topology: spans and numbers.

mod clock;
pub(crate) mod current;
#[cfg(feature = "dashboard")]
pub mod dashboard;
mod histogram;
mod links;
mod meter;
#[cfg(feature = "otel")]
pub mod otel;
mod sampling;
mod snapshot;
pub(crate) mod spans;

pub(crate) use self::clock::{Clock, Tick, nanos};
pub(crate) use self::links::Links;
pub(crate) use self::meter::{EdgeMeter, StepMeter, Working, Writer};
pub(crate) use self::sampling::Sampler;
pub use self::sampling::Sampling;
pub use self::snapshot::{EdgeSnapshot, Latency, Snapshot, StepSnapshot};
