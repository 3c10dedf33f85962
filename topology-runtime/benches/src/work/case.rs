//! What is to be run.

use crate::measure::Flavour;

/// What the tasks are wired to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// A chain: the first task makes messages, the last ends them, each in
    /// between works on them and hands them on. As many tasks as stages, one
    /// channel less.
    Pipeline { stages: usize },
    /// A chain of three stages of which the second calls so many steps, one after
    /// the other, instead of one.
    Called { steps: usize },
    /// A clone to each of two tasks, and a third that waits for both.
    ForkJoin,
    /// Several tasks that make messages, one that ends them.
    Merge { producers: usize },
    /// One task that makes messages, one that chooses, four that end them.
    Route,
    /// The same, but for four that hand them on to one that ends them all: one hop
    /// more, where four producers meet.
    Meet,
}

impl Workload {
    pub(crate) const THREE: Self = Self::Pipeline { stages: 3 };
    pub(crate) const NINE: Self = Self::Pipeline { stages: 9 };

    pub(crate) fn producers(self) -> usize {
        match self {
            Self::Merge { producers } => producers,
            _ => 1,
        }
    }
}

/// How large a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// 8 bytes.
    Small,
    /// 256 bytes.
    Large,
}

impl Size {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Small => 8,
            Self::Large => 256,
        }
    }
}

/// One run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) workload: Workload,
    pub(crate) flavour: Flavour,
    pub(crate) capacity: usize,
    pub(crate) size: Size,
    pub(crate) messages: u64,
}
