//! What a topology declares, as constants that are added up.

use super::{Depth, Hop, Loop, Root, Table};
use crate::boundary::{BoundarySpec, Isolation, Strategy};
use crate::edge::EdgeSpec;
use crate::step::StepSpec;
use crate::topology::Topology;

/// The declared numbers of one topology.
#[derive(Debug, Clone, Copy)]
pub struct Specs {
    /// Its name.
    pub name: &'static str,
    /// The steps, in the order of their first mention.
    pub steps: &'static [StepSpec],
    /// The edges with a queue, in the order they were drawn.
    pub edges: &'static [EdgeSpec],
    /// All ways from node to node, each behind those that lead to it.
    pub hops: &'static [Hop],
    /// The joins and scopes, and what can wait in them.
    pub tables: &'static [Table],
    /// The loops, each before those that it is inside.
    pub loops: &'static [Loop],
    /// The boundaries, in the order in which they are written.
    pub boundaries: &'static [BoundarySpec],
    /// What is restarted with one of the boundaries that are inside no other.
    pub strategy: Strategy,
}

impl Specs {
    /// The number of the process that a step runs in; `None` if that is the
    /// topology's own.
    pub(crate) const fn process_of(&self, step: usize) -> Option<usize> {
        match self.steps[step].boundary {
            Some(boundary) => self.process_around(boundary),
            None => None,
        }
    }

    /// The number of the thread boundary on whose threads the topology runs a
    /// step; `None` for those of the runtime, and for another process.
    pub(crate) fn threads_of(&self, step: usize) -> Option<usize> {
        let boundary = self.steps[step].boundary?;
        self.process_around(boundary).is_none().then_some(boundary)
    }

    /// Whether a boundary has threads: one that only holds processes together has
    /// none.
    pub(crate) fn has_threads(&self, boundary: usize) -> bool {
        let mut steps = self.steps.iter();
        self.boundaries[boundary].isolation == Isolation::Thread
            && steps.any(|step| step.boundary == Some(boundary))
    }

    /// The number of the process that a boundary is, or is inside.
    pub(crate) const fn process_around(&self, mut boundary: usize) -> Option<usize> {
        loop {
            let spec = &self.boundaries[boundary];
            if let Isolation::Process = spec.isolation {
                return Some(boundary);
            }
            match spec.outer {
                Some(outer) => boundary = outer,
                None => return None,
            }
        }
    }
}

/// The specs of a topology that stands so deep inside others. The depth is what
/// ends the sums of a topology that is inside itself.
pub trait Specified<D: Depth> {
    /// What is declared.
    const SPECS: &'static Specs;
}

/// The specs of a topology that stands by itself.
pub(crate) const fn specs<T: Topology>() -> &'static Specs {
    <T::Specs<Root> as Specified<Root>>::SPECS
}
