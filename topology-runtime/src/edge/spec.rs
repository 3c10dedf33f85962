//! What an edge declares.

use std::time::Duration;

/// The declared numbers of one edge.
#[derive(Debug, Clone, Copy)]
pub struct EdgeSpec {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) capacity: usize,
    pub(crate) timeout: Duration,
    pub(crate) overflow: Overflow,
    /// Of an `each`: the most items of one message, and the longest that they
    /// may take together.
    pub(crate) scope: Option<(usize, Duration)>,
    /// Behind a race: how many arms win, if more than one may.
    pub(crate) first: Option<usize>,
    /// Of a back edge.
    pub(crate) back: Option<Back>,
    /// The number of the step that it leads to; `None` for `out`.
    pub(crate) step: Option<usize>,
}

/// What happens to a message that finds its edge full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// The producer waits for room, up to the edge's timeout.
    Block,
    /// The message that has waited longest is dropped.
    DropOldest,
    /// The message that comes is dropped.
    DropNewest,
}

/// How often a message may take a back edge, and what it begins anew then.
#[derive(Debug, Clone, Copy)]
pub struct Back {
    /// The number of the edge.
    edge: usize,
    pub(crate) rounds: usize,
    /// How many loops the edge's own is inside: the innermost goes first.
    pub(crate) depth: usize,
    /// The back edges of the loops inside.
    inner: &'static [usize],
    /// The joins inside, by the number of their step.
    pub(crate) joins: &'static [usize],
}

impl Back {
    /// The back edge of that number.
    pub const fn new(
        edge: usize,
        rounds: usize,
        depth: usize,
        inner: &'static [usize],
        joins: &'static [usize],
    ) -> Self {
        Self {
            edge,
            rounds,
            depth,
            inner,
            joins,
        }
    }
}

/// How often a branch has taken each back edge since it entered the loop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rounds(Vec<(usize, usize)>);

impl Rounds {
    /// Takes the edge once more; `false` if that was too often.
    pub(crate) fn take(&mut self, back: &Back) -> bool {
        self.0.retain(|(edge, _)| !back.inner.contains(edge));
        let taken = self.0.iter_mut().find(|(edge, _)| *edge == back.edge);
        match taken {
            Some((_, rounds)) if *rounds >= back.rounds => false,
            Some((_, rounds)) => {
                *rounds += 1;
                true
            }
            None => {
                self.0.push((back.edge, 1));
                back.rounds > 0
            }
        }
    }
}

impl EdgeSpec {
    /// An edge that blocks.
    pub const fn new(
        from: &'static str,
        to: &'static str,
        capacity: usize,
        timeout: Duration,
    ) -> Self {
        Self {
            from,
            to,
            capacity,
            timeout,
            overflow: Overflow::Block,
            scope: None,
            first: None,
            back: None,
            step: None,
        }
    }

    /// The same edge, leading to the step of that number.
    #[must_use]
    pub const fn step(mut self, step: usize) -> Self {
        self.step = Some(step);
        self
    }

    /// The same edge, into a scope.
    #[must_use]
    pub const fn each(mut self, limit: usize, within: Duration) -> Self {
        self.scope = Some((limit, within));
        self
    }

    /// The same edge, back in a loop.
    #[must_use]
    pub const fn back(mut self, back: Back) -> Self {
        self.back = Some(back);
        self
    }

    /// The same edge, behind a race with that many winners.
    #[must_use]
    pub const fn first(mut self, first: usize) -> Self {
        self.first = Some(first);
        self
    }

    /// The same edge with another overflow.
    #[must_use]
    pub const fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }
}
