//! What the numbers say about the drawing.

mod edges;
mod load;
#[cfg(test)]
mod tests;
mod text;

use std::time::Duration;

use super::Snapshot;

/// Something about a topology that its numbers say could be better. Its text
/// reads like the errors of the compiler.
///
/// ```
/// # fn show(snapshot: topology_runtime::Snapshot) {
/// for advice in snapshot.advice() {
///     println!("{advice}");
/// }
/// # }
/// ```
///
/// ```text
/// edge `parse -> enrich` is smaller than it needs
///         = note: 310 of 9000 messages found it full
///         = note: 120 messages a second wait up to 99.3ms, 99 of 100: places for 12, of which there are 4
///         = help: `[capacity = 16, ..]`
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Advice {
    /// The step that is at work for the largest share of its time, if that is at
    /// least half.
    #[non_exhaustive]
    Bottleneck {
        /// The step.
        step: &'static str,
        /// The share of its time that it is at work, from 0.5 to 1.0.
        utilisation: f64,
        /// Messages a second that it works on.
        rate: f64,
        /// How long it works on one, on average.
        mean: Duration,
        /// The tasks it has.
        replicas: usize,
        /// How many of them would be at work for seven tenths of their time.
        enough: usize,
    },
    /// Producers wait for room, or messages are dropped, although the step behind
    /// the edge keeps up: bursts are larger than the edge.
    #[non_exhaustive]
    SmallEdge {
        /// Where it comes from.
        from: &'static str,
        /// Where it leads.
        to: &'static str,
        /// How many messages may wait.
        capacity: usize,
        /// How many would.
        needed: u64,
        /// Messages a second that come to the step.
        rate: f64,
        /// How long they wait, 99 of 100, for room included.
        waited: Duration,
        /// Messages that found it full.
        held_up: u64,
        /// Messages that were offered.
        offered: u64,
    },
    /// An edge has at least four times the places that were ever needed.
    #[non_exhaustive]
    LargeEdge {
        /// Where it comes from.
        from: &'static str,
        /// Where it leads.
        to: &'static str,
        /// How many messages may wait.
        capacity: usize,
        /// How many do, by rate and wait.
        needed: u64,
        /// The most places that were ever taken.
        fullest: usize,
    },
    /// The step behind a boundary works for less time than it takes to cross it:
    /// half of its messages take less than a microsecond.
    #[non_exhaustive]
    CostlyBoundary {
        /// The step before it, from which nothing else leads.
        from: &'static str,
        /// The step behind it, to which nothing else leads.
        to: &'static str,
    },
}

impl Snapshot {
    /// What these numbers say about the drawing: the bottleneck first, then each
    /// edge in the order they were drawn. Steps and edges that fewer than 100
    /// messages came to are not judged, nor is what happens inside a step that is
    /// a topology: ask the snapshots [inside](super::StepSnapshot::inside).
    ///
    /// # How it is worked out
    ///
    /// * The *utilisation* of a step is rate x mean duration / messages at once.
    ///   From one half on, a message waits for as long as it is worked on, and
    ///   much longer from nine tenths on: a larger edge only makes it wait longer.
    /// * An edge *needs* rate x p99 of the wait. That is Little's law, L = λW: so
    ///   many messages are on it as come while one waits (J. D. C. Little, *A Proof
    ///   for the Queuing Formula: L = λW*, Operations Research 9, 1961). Of what is
    ///   taken in the order it came, a message that has waited W leaves those
    ///   behind that came meanwhile, which makes the law hold for percentiles too
    ///   (J. Keilson and L. D. Servi, *A Distributional Form of Little's Law*,
    ///   Operations Research Letters 7, 1988).
    /// * A *boundary* costs a fraction of a microsecond on one thread, and more on
    ///   several; PERFORMANCE.md has the tables.
    ///
    /// # What it does not see
    ///
    /// Rates are those of the whole uptime: where load comes and goes they are too
    /// low, and what an edge needs is more. An edge is therefore never called large
    /// that was a quarter full once. Steps called with `>>` work in the task of the
    /// step before them, which is busier than its own numbers say. The edge that
    /// closes a loop needs the room that the compiler asks for.
    pub fn advice(&self) -> Vec<Advice> {
        load::bottleneck(self)
            .into_iter()
            .chain(
                self.edges
                    .iter()
                    .filter_map(|edge| edges::judge(self, edge)),
            )
            .collect()
    }
}
