//! What a topology declares, as constants that are added up.

use super::{Depth, Hop, Loop, Root, Table};
use crate::boundary::BoundarySpec;
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
