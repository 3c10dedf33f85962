//! Topologies as steps of topologies: what one adds to the sums of another.
//!
//! Sums are constants, and a constant that needs itself is an error of the
//! compiler's own, far away from whoever drew the circle. So each level of
//! nesting is a type of its own, and behind the last one there is an end.

use std::marker::PhantomData;
use std::time::Duration;

use super::memory::bytes;
use super::time::{entering, longest};
use super::{Specified, Specs};
use crate::boundary::Strategy;
use crate::graph::Graph;
use crate::topology::Topology;

/// How deep inside others a topology stands.
pub trait Depth: Sized + 'static {
    /// One deeper.
    type Next: Depth;
    /// What a topology that stands here adds to the one around it; `NODES` is
    /// the number of its steps, and 2 for `in` and `out`.
    type Inside<T: Topology, const NODES: usize>: Inside;
}

/// A step that may be a topology.
pub trait Inside {
    /// What is inside; `None` for a function.
    const INSIDE: Option<InsideSpec>;
}

/// What a topology adds to the one that it is a step of.
#[derive(Debug, Clone, Copy)]
pub struct InsideSpec {
    pub(crate) graph: Graph,
    /// The longest that a message can take to its fate inside.
    pub(crate) worst_case: Duration,
    /// The longest that a message may have to wait at the way in.
    pub(crate) entering: Duration,
    /// The most memory that waiting messages can take, in bytes.
    pub(crate) bytes: u64,
    /// How many messages can be inside at once.
    pub(crate) held: u64,
    /// The topology that is inside itself, if the sums did not end.
    pub(crate) endless: Option<&'static str>,
}

/// A topology by itself is at level 0.
pub struct Level<const N: usize>;

/// Behind the last level.
pub struct Beyond;

/// A topology by itself.
pub type Root = Level<0>;

/// A function.
impl Inside for () {
    const INSIDE: Option<InsideSpec> = None;
}

/// The topology `T` at the depth `D`.
pub struct At<T, D, const NODES: usize>(PhantomData<(T, D)>);

impl<T: Topology, D: Depth, const NODES: usize> Inside for At<T, D, NODES> {
    const INSIDE: Option<InsideSpec> = {
        let specs = <T::Specs<D> as Specified<D>>::SPECS;
        Some(InsideSpec {
            graph: Graph::inside(T::MERMAID, specs),
            worst_case: longest::<NODES>(specs),
            entering: entering(specs),
            bytes: bytes(specs),
            held: held(specs),
            endless: endless(specs),
        })
    };
}

/// The topology `T`, too deep to be looked into.
pub struct Endless<T>(PhantomData<T>);

impl<T: Topology> Inside for Endless<T> {
    const INSIDE: Option<InsideSpec> = Some(InsideSpec {
        graph: Graph::flat(T::NAME, ""),
        worst_case: Duration::ZERO,
        entering: Duration::ZERO,
        bytes: 0,
        held: 0,
        endless: Some(T::NAME),
    });
}

macro_rules! levels {
    ($($level:literal < $next:literal),*; $last:literal) => {
        $(impl Depth for Level<$level> {
            type Next = Level<$next>;
            type Inside<T: Topology, const NODES: usize> = At<T, Self, NODES>;
        })*

        impl Depth for Level<$last> {
            type Next = Beyond;
            type Inside<T: Topology, const NODES: usize> = At<T, Self, NODES>;
        }
    };
}

levels!(0 < 1, 1 < 2, 2 < 3, 3 < 4, 4 < 5, 5 < 6, 6 < 7, 7 < 8; 8);

impl Depth for Beyond {
    type Next = Self;
    type Inside<T: Topology, const NODES: usize> = Endless<T>;
}

/// How many messages can be inside at once: each is in at least one place, and
/// one more may be on its way in.
const fn held(specs: &Specs) -> u64 {
    let mut held = 1_u64;
    let mut next = 0;
    while next < specs.edges.len() {
        held = held.saturating_add(specs.edges[next].capacity as u64);
        next += 1;
    }
    next = 0;
    while next < specs.steps.len() {
        held = held.saturating_add(specs.steps[next].held());
        next += 1;
    }
    held
}

/// The topology that is inside itself, or deeper than there are levels.
pub(super) const fn endless(specs: &Specs) -> Option<&'static str> {
    let mut next = 0;
    while next < specs.steps.len() {
        if let Some(inside) = &specs.steps[next].inside
            && let Some(name) = inside.endless
        {
            return Some(name);
        }
        next += 1;
    }
    None
}

/// What could not be read declares nothing.
impl<D: Depth> Specified<D> for () {
    const SPECS: &'static Specs = &Specs {
        name: "",
        steps: &[],
        edges: &[],
        hops: &[],
        tables: &[],
        loops: &[],
        boundaries: &[],
        strategy: Strategy::OneForOne,
    };
}
