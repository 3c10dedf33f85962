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
        }
    }

    /// The same edge with another overflow.
    #[must_use]
    pub const fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }
}
