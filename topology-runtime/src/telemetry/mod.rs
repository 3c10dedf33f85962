//! What can be seen of a running topology: spans and numbers.

pub(crate) mod current;
mod histogram;
mod links;
mod meter;
mod snapshot;
pub(crate) mod spans;

pub(crate) use self::links::Links;
pub(crate) use self::meter::{EdgeMeter, StepMeter, Working};
pub use self::snapshot::{EdgeSnapshot, Latency, Snapshot, StepSnapshot};
