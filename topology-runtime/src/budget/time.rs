//! The longest way to a fate.

use std::time::Duration;

use super::loops::rounds;
use super::{Specs, specs};
use crate::step::{Kind, StepSpec};
use crate::topology::Topology;

/// One way from a node to another. Node 0 is `in`, then come the steps, and
/// `out` is the last.
#[derive(Debug, Clone, Copy)]
pub struct Hop {
    pub(super) from: usize,
    pub(super) to: usize,
    /// `None` for a call.
    pub(super) edge: Option<usize>,
    /// The `each` whose scope lies between.
    scope: Option<usize>,
}

impl Hop {
    /// Along an edge with a queue.
    pub const fn by_edge(from: usize, to: usize, edge: usize) -> Self {
        Self {
            from,
            to,
            edge: Some(edge),
            scope: None,
        }
    }

    /// Through the scope that the edge `each` opens.
    pub const fn by_scope(from: usize, to: usize, each: usize, edge: Option<usize>) -> Self {
        Self {
            from,
            to,
            edge,
            scope: Some(each),
        }
    }

    /// By a plain call.
    pub const fn by_call(from: usize, to: usize) -> Self {
        Self {
            from,
            to,
            edge: None,
            scope: None,
        }
    }
}

/// The longest that a message of `T` can take to its fate; `NODES` is the
/// number of its steps, and 2 for `in` and `out`.
pub const fn worst_case<T: Topology, const NODES: usize>() -> Duration {
    longest::<NODES>(specs::<T>())
}

/// Whether the steps of one task may hold a replica for longer than another
/// message may wait on the edge to them.
pub const fn is_hasty<T: Topology>(edge: usize, steps: &[usize]) -> bool {
    let specs = specs::<T>();
    let mut busy = 0_u64;
    let mut next = 0;
    while next < steps.len() {
        busy = busy.saturating_add(step_busy(&specs.steps[steps[next]]));
        next += 1;
    }
    busy > wait_on(specs, edge)
}

/// Which of at most four edges are hasty, the first as the lowest bit.
pub const fn hasty<T: Topology>(edges: &[(usize, &[usize])]) -> u8 {
    let mut bits = 0;
    let mut next = 0;
    while next < edges.len() {
        let (edge, steps) = edges[next];
        if is_hasty::<T>(edge, steps) {
            bits |= 1 << next;
        }
        next += 1;
    }
    bits
}

/// Each edge counts its timeout, each scope its time, each step its attempts
/// and the longest waits between them, each topology inside its own longest. A
/// failure route begins where the step has spent all that. The header of a loop
/// counts all further rounds.
///
/// Hops come in an order in which each is behind all that lead to it, so one
/// pass finds the longest way (as in any acyclic graph).
pub(super) const fn longest<const NODES: usize>(specs: &Specs) -> Duration {
    let extra = rounds::<NODES>(specs);
    let mut begins = [0_u64; NODES];
    let mut worst = 0;
    let mut next = 0;
    while next < specs.hops.len() {
        let hop = specs.hops[next];
        let end = begins[hop.from]
            .saturating_add(work(specs, hop.from))
            .saturating_add(extra[hop.from])
            .saturating_add(wait(specs, hop));
        if end > begins[hop.to] {
            begins[hop.to] = end;
        }
        let done = end
            .saturating_add(work(specs, hop.to))
            .saturating_add(extra[hop.to]);
        if done > worst {
            worst = done;
        }
        next += 1;
    }
    Duration::from_millis(worst)
}

/// Whether both steps are inline, and so a queue between them is idle.
pub const fn is_idle<T: Topology>(from: usize, to: usize) -> bool {
    let steps = specs::<T>().steps;
    let (from, to) = (&steps[from].contract, &steps[to].contract);
    matches!((from.kind, to.kind), (Kind::Inline, Kind::Inline))
}

/// Whether a step of one task has a state.
pub const fn is_stateful<T: Topology>(steps: &[usize]) -> bool {
    let mut next = 0;
    while next < steps.len() {
        if specs::<T>().steps[steps[next]].contract.is_stateful {
            return true;
        }
        next += 1;
    }
    false
}

/// The timeout of a hop's edge and the time of its scope, in milliseconds.
pub(super) const fn wait(specs: &Specs, hop: Hop) -> u64 {
    let edge = match hop.edge {
        Some(edge) => wait_on(specs, edge),
        None => 0,
    };
    let scope = match hop.scope {
        Some(each) => match specs.edges[each].scope {
            Some((_, within)) => millis(within),
            None => 0,
        },
        None => 0,
    };
    edge.saturating_add(scope)
}

pub(super) const fn wait_on(specs: &Specs, edge: usize) -> u64 {
    millis(specs.edges[edge].timeout)
}

/// All attempts of a step and the longest waits between them, in milliseconds.
/// An inline step counts as nothing, and so do `in` and `out`.
pub(super) const fn work(specs: &Specs, node: usize) -> u64 {
    if node == 0 || node > specs.steps.len() {
        return 0;
    }
    let step = &specs.steps[node - 1];
    // Before each attempt its process may have to start again.
    let start = match specs.process_of(node - 1) {
        Some(process) => millis(specs.boundaries[process].start),
        None => 0,
    };
    let starts = start.saturating_mul(step.contract.attempts() as u64);
    step_work(step).saturating_add(starts)
}

/// How long a step may hold a replica: a topology takes the next message as
/// soon as the one before it is inside.
const fn step_busy(step: &StepSpec) -> u64 {
    match &step.inside {
        Some(inside) => millis(inside.entering),
        None => step_work(step),
    }
}

/// The longest timeout of the edges that lead in.
pub(super) const fn entering(specs: &Specs) -> Duration {
    let mut longest = 0;
    let mut next = 0;
    while next < specs.hops.len() {
        let hop = specs.hops[next];
        if hop.from == 0 && wait(specs, hop) > longest {
            longest = wait(specs, hop);
        }
        next += 1;
    }
    Duration::from_millis(longest)
}

const fn step_work(step: &StepSpec) -> u64 {
    if let Some(inside) = &step.inside {
        return millis(inside.worst_case);
    }
    let contract = &step.contract;
    let timeout = match contract.timeout {
        Some(timeout) => millis(timeout),
        None => 0,
    };
    let Some(retry) = contract.retry else {
        return timeout;
    };
    let (mut backoff, cap) = (millis(retry.from), millis(retry.to));
    // It may have to wait for the rate, too.
    if step.rate.is_some() {
        backoff = cap;
    }
    let mut total = timeout;
    let mut attempt = 1;
    while attempt < retry.attempts {
        let wait = if backoff < cap { backoff } else { cap };
        total = total.saturating_add(wait).saturating_add(timeout);
        backoff = backoff.saturating_mul(2);
        attempt += 1;
    }
    total
}

pub(super) const fn millis(time: Duration) -> u64 {
    time.as_secs()
        .saturating_mul(1_000)
        .saturating_add(time.subsec_millis() as u64)
}
