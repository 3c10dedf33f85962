//! What is found where an obligation does not hold: the compiler has reported
//! it, and there is nothing to add.
//!
//! An inherent item whose `where` clause holds is found before a trait's item
//! of the same name, and a trait's item is found where it does not.

use std::sync::Arc;

use super::Wiring;
use crate::boundary::Host;
use crate::fate::{Branch, Delivery};
use crate::topology::Topology;

/// Edges that could not be wired, because some step does not fit another.
pub trait Unwired: Sized {
    /// Never called: the topology did not compile.
    fn wire<T: Topology>(_: &mut Wiring<T>) -> Arc<Self> {
        unreachable!("a topology that does not fit does not compile")
    }

    /// Never called: the topology did not compile.
    fn enter<M>(&self, _: M, _: Branch) -> Delivery {
        unreachable!("a topology that does not fit does not compile")
    }

    /// Never called: the topology did not compile.
    fn host<T: Topology>(_: &mut Host<T>) {
        unreachable!("a topology that does not fit does not compile")
    }
}

impl<E> Unwired for E {}

/// What is found at a boundary that keeps something apart.
#[expect(
    non_upper_case_globals,
    reason = "found in place of a constant named after its rule"
)]
pub trait BusyBoundary {
    /// Nothing to say.
    const idle_boundary: () = ();
}

impl<B> BusyBoundary for B {}

/// What is found at an edge that has time enough.
#[expect(
    non_upper_case_globals,
    reason = "found in place of a constant named after its rule"
)]
pub trait PatientEdge {
    /// Nothing to say.
    const hasty_edge: () = ();
}

impl<E> PatientEdge for E {}

/// What is found at replicas that any message may come to.
#[expect(
    non_upper_case_globals,
    reason = "found in place of a constant named after its rule"
)]
pub trait AlikeReplicas {
    /// Nothing to say.
    const unkeyed_replicas: () = ();
}

impl<R> AlikeReplicas for R {}
