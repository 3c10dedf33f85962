//! How many replicas of a step work, set by hand.

use std::error::Error;
use std::fmt;

use super::Handle;
use crate::topology::Topology;

/// A number of replicas that a step cannot have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScaleError {
    /// The topology has no step of that name.
    UnknownStep {
        /// The name.
        step: String,
    },
    /// The number is outside of what the topology declares.
    OutOfRange {
        /// The name of the step.
        step: &'static str,
        /// The number.
        replicas: usize,
        /// The fewest that it has.
        least: usize,
        /// The most that it has: the same where it declares no range.
        most: usize,
    },
}

impl fmt::Display for ScaleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownStep { step } => write!(f, "there is no step `{step}`"),
            Self::OutOfRange {
                step,
                replicas,
                least,
                most,
            } if least == most => write!(
                f,
                "step `{step}` has {most} replicas, and no range in which to have {replicas}"
            ),
            Self::OutOfRange {
                step,
                replicas,
                least,
                most,
            } => write!(
                f,
                "step `{step}` has {least} to {most} replicas, and not {replicas}"
            ),
        }
    }
}

impl Error for ScaleError {}

impl<T: Topology> Handle<T> {
    /// Sets how many replicas of a step work, within the range that it declares:
    /// `settle [replicas = 1..=8];`. From there on their number goes with what waits,
    /// as before.
    ///
    /// Replicas that are too many end what they work on. What a key keeps in order
    /// stays so: a key that comes to another replica waits until the one before has
    /// done its messages.
    ///
    /// # Errors
    ///
    /// [`ScaleError`] if there is no such step, or if the number is out of its range;
    /// nothing is changed then.
    pub fn scale(&self, step: &str, replicas: usize) -> Result<(), ScaleError> {
        let steps = T::specs().steps;
        let Some(number) = steps.iter().position(|spec| spec.name == step) else {
            let step = step.to_owned();
            return Err(ScaleError::UnknownStep { step });
        };
        let spec = &steps[number];
        if !(spec.least..=spec.replicas).contains(&replicas) {
            return Err(ScaleError::OutOfRange {
                step: spec.name,
                replicas,
                least: spec.least,
                most: spec.replicas,
            });
        }
        for queue in self.queues_of(number) {
            queue.scale(replicas);
        }
        Ok(())
    }
}
