//! Steps: their contract, how one runs, and what becomes of its failures.

mod agenda;
#[cfg(feature = "process")]
mod ahead;
mod arrival;
mod attend;
#[cfg(feature = "process")]
mod away;
mod backoff;
pub mod batch;
mod blocking;
mod bounded;
mod context;
mod contract;
mod failure;
mod function;
mod guard;
#[cfg(feature = "process")]
mod hosted;
mod items;
mod nested;
mod onward;
mod originate;
mod otherwise;
mod outcome;
mod overlap;
mod own;
mod process;
mod rate;
mod requirements;
mod run;
mod runner;
mod serve;
mod setback;
mod station;
mod straight;
mod task;

pub(crate) use self::arrival::Arrival;
#[cfg(feature = "process")]
pub(crate) use self::away::Away;
pub use self::blocking::{blocking, blocking_own};
pub(crate) use self::bounded::{Bounded, bounded, bounded_rest};
pub use self::context::StepContext;
pub use self::contract::{Contract, Kind, Retry, StepSpec};
pub use self::failure::{BoxError, Failed, Failure, FailureKind};
pub use self::function::Function;
#[cfg(feature = "process")]
pub(crate) use self::hosted::{Hosted, Origin};
pub use self::items::{HandedOn, Items, Overfull};
pub use self::nested::{Around, Inner, Nested};
pub(crate) use self::nested::{Callee, Calling};
pub use self::otherwise::Otherwise;
pub use self::outcome::{attempted, done};
pub use self::own::{Begins, Reactive, Starts, lent, started};
pub(crate) use self::rate::Limiter;
pub use self::rate::Rate;
pub use self::requirements::{
    AsItIs, Attempted, Fallible, ForkClone, FromFailure, Inline, Join, Joins, LeadsToJoin,
    NotAtAll, Output, Retries, Single, Sink, Step, StepError, Takes, TakesPart, TakesSkippable,
    WorkflowStep,
};
pub(crate) use self::runner::Runner;
pub(crate) use self::serve::TURN;
pub use self::task::Task;

/// What runs a step of a process.
#[cfg(feature = "process")]
pub(crate) type Apart<S> = Away<S>;
/// Without processes it runs here; but there is none, and that is said.
#[cfg(not(feature = "process"))]
pub(crate) type Apart<S> = Runner<S>;
