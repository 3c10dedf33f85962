//! A topology that runs inside another.

use std::pin::Pin;
use std::sync::Weak;

use crate::step::Failure;
use crate::telemetry::Snapshot;

/// What the outer topology does with it.
pub trait Child: Send + Sync {
    /// Tells it where it is: what aborts it aborts everything around it.
    #[doc(hidden)]
    fn belong_to(&self, outer: Weak<dyn Outer>);

    /// Its numbers at this moment.
    #[doc(hidden)]
    fn snapshot(&self) -> Snapshot;

    /// Waits until nothing of any message is left, and finishes the states of
    /// its steps. `false` if there was nothing to finish.
    #[doc(hidden)]
    fn finish(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;

    /// Gives up what is left, and waits until everything has stopped.
    #[doc(hidden)]
    fn stop(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// A topology that has another inside.
pub trait Outer: Send + Sync {
    /// The one inside was aborted.
    #[doc(hidden)]
    fn inner_aborted(&self, failure: Failure);
}
