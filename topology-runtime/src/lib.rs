//! Workflow topologies that the compiler reviews.
//!
//! Annotate ordinary functions with [`#[workflow_step]`](macro@workflow_step),
//! draw how they connect in [`topology!`], and get typed wiring in which every
//! edge is bounded and timed, every message carries its trace, every failure
//! has a destination, and a topology that could lose a message or wait for ever
//! does not compile.
//!
//! ```
//! use std::time::Duration;
//! use topology_runtime::{Message, topology, workflow_step};
//!
//! #[workflow_step(timeout = 1s)]
//! async fn greet(name: String) -> String {
//!     format!("hello, {name}")
//! }
//!
//! #[workflow_step]
//! fn shout(greeting: String) -> String {
//!     greeting.to_uppercase()
//! }
//!
//! topology! {
//!     /// Greets loudly.
//!     Greeter<String -> String>;
//!
//!     in -> greet >> shout -> out [capacity = 16, timeout = 1s];
//!
//!     else fail;
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let greeter = Greeter::start();
//! let answer = greeter.call(Message::root("ada".to_owned())).await?;
//! assert_eq!(answer, "HELLO, ADA");
//!
//! let report = greeter.drain(Duration::from_secs(1)).await;
//! assert_eq!((report.accepted, report.completed), (1, 1));
//! # Ok(())
//! # }
//! ```

mod boundary;
mod budget;
mod edge;
mod fate;
mod graph;
mod handle;
mod message;
mod padded;
#[cfg(doc)]
pub mod rules;
mod source;
mod state;
mod step;
mod supervisor;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
mod topology;
#[doc(hidden)]
pub mod wiring;

pub use topology_macros::{State, topology, workflow_step};

#[cfg(feature = "process")]
pub use crate::boundary::child_arguments;
pub use crate::graph::Graph;
pub use crate::handle::{
    Answers, Call, CallError, CallFuture, Handle, Outcome, Outcomes, Refusal, Refused, ScaleError,
};
pub use crate::message::{
    InvalidTraceState, InvalidTraceparent, Message, ReadHeaders, SpanId, TraceContext, TraceFlags,
    TraceId, TraceState, WriteHeaders,
};
pub use crate::source::{NoInput, Receipt, Settlement, Source, Tracked};
pub use crate::state::Provide;
pub use crate::step::{
    BoxError, Contract, Failed, Failure, FailureKind, Kind, Retry, Step, StepContext, WorkflowStep,
};
pub use crate::supervisor::DrainReport;
#[cfg(feature = "dashboard")]
pub use crate::telemetry::dashboard;
#[cfg(feature = "otel")]
pub use crate::telemetry::otel;
pub use crate::telemetry::{
    Advice, BoundarySnapshot, EdgeSnapshot, Latency, Sampling, Snapshot, StepSnapshot, TaskSnapshot,
};
pub use crate::topology::Topology;
pub use futures_core::Stream;

/// The code of the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
