//! The memory of what waits.

use super::{Specs, specs};
use crate::edge::Item;
use crate::step::{Join, WorkflowStep};
use crate::topology::Topology;

/// What the parts that wait at a join are bounded by.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Of one set of parts, or of one item's result.
    bytes: usize,
    /// Of a scope: its `each`, the step before it, and the size of an item.
    scope: Option<(usize, usize, usize)>,
    edges: &'static [usize],
    steps: &'static [usize],
}

impl Table {
    /// The table of the join `S`: each set of parts that waits in it has a
    /// sibling on one of the edges, or in one of the steps.
    pub const fn of<S: Join>(edges: &'static [usize], steps: &'static [usize]) -> Self {
        Self {
            bytes: size_of::<S::Kept>(),
            scope: None,
            edges,
            steps,
        }
    }

    /// The results of the scope that `each` opens from the step `from` to `S`: each
    /// open scope has an item on one of the edges, or in one of the steps.
    pub const fn scope<S: WorkflowStep, M>(
        each: usize,
        from: usize,
        edges: &'static [usize],
        steps: &'static [usize],
    ) -> Self {
        Self {
            bytes: size_of::<Option<M>>(),
            scope: Some((each, from, size_of::<S::Input>())),
            edges,
            steps,
        }
    }
}

/// The most memory that waiting messages of `T` can take, in bytes: as many as
/// each edge holds, and as many as can wait at each join.
///
/// The compiler knows the size of a message, not what it holds on the heap: a
/// `Vec` counts 24 bytes, whatever is in it.
pub const fn queue_bytes<T: Topology>() -> u64 {
    bytes(specs::<T>())
}

/// The same, of what stands at some depth.
pub(super) const fn bytes(specs: &Specs) -> u64 {
    let mut total = 0_u64;
    let mut edge = 0;
    while edge < specs.edges.len() {
        total = total.saturating_add(edge_bytes(specs, edge));
        edge += 1;
    }
    let mut step = 0;
    while step < specs.steps.len() {
        total = total.saturating_add(step_bytes(specs, step));
        step += 1;
    }
    let mut join = 0;
    while join < specs.tables.len() {
        total = total.saturating_add(table_bytes(specs, &specs.tables[join]));
        join += 1;
    }
    total
}

/// The batches that a step works on, and what waits inside it, in bytes.
const fn step_bytes(specs: &Specs, step: usize) -> u64 {
    let spec = &specs.steps[step];
    if let Some(inside) = &spec.inside {
        return inside.bytes.saturating_mul(spec.replicas as u64);
    }
    if spec.batch.is_none() {
        return 0;
    }
    spec.held().saturating_mul(spec.item as u64)
}

/// The most that waits on one edge, in bytes.
pub(super) const fn edge_bytes(specs: &Specs, edge: usize) -> u64 {
    let capacity = specs.edges[edge].capacity as u64;
    capacity.saturating_mul(message_bytes(specs, edge))
}

/// What one message takes while it waits on the edge. What goes to `out` does not
/// wait.
pub(super) const fn message_bytes(specs: &Specs, edge: usize) -> u64 {
    match specs.edges[edge].step {
        Some(step) => specs.steps[step].waiting as u64,
        None => 0,
    }
}

const fn table_bytes(specs: &Specs, table: &Table) -> u64 {
    let mut most = 0_u64;
    let mut next = 0;
    while next < table.edges.len() {
        most = most.saturating_add(specs.edges[table.edges[next]].capacity as u64);
        next += 1;
    }
    next = 0;
    while next < table.steps.len() {
        most = most.saturating_add(specs.steps[table.steps[next]].held());
        next += 1;
    }
    let Some((each, from, item)) = table.scope else {
        return most.saturating_mul(table.bytes as u64);
    };
    let limit = match specs.edges[each].scope {
        Some((limit, _)) => limit as u64,
        None => 0,
    };
    let results = most
        .saturating_mul(limit)
        .saturating_mul(table.bytes as u64);
    let splitting = specs.steps[from].replicas as u64;
    let items = splitting.saturating_mul(limit).saturating_mul(item as u64);
    results.saturating_add(items)
}

/// What a message takes while it waits on an edge.
pub(crate) const fn item_bytes<M>() -> usize {
    size_of::<Item<M>>()
}
