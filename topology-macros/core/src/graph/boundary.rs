//! What runs apart from the others.

use proc_macro2::TokenStream;
use syn::Ident;

use super::{Declared, Graph, NodeId};

/// An index into [`Graph::boundaries`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BoundaryId(pub(crate) usize);

/// Steps that are kept apart from the others.
pub(crate) struct Boundary {
    pub(crate) name: Ident,
    pub(crate) isolation: Isolation,
    /// The word for that, as it was written.
    pub(crate) kind: Ident,
    /// The boundary that it is inside.
    pub(crate) outer: Option<BoundaryId>,
    pub(crate) declared: Declared,
}

/// How strongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// They have threads of their own.
    Thread,
    /// They have a process of their own.
    Process,
}

impl Isolation {
    pub(crate) const NAMES: [(&'static str, Self); 2] =
        [("thread", Self::Thread), ("process", Self::Process)];

    /// `None` for a word that is no kind of boundary.
    pub(crate) fn of(kind: &Ident) -> Option<Self> {
        let known = Self::NAMES.iter().find(|(name, _)| kind == name);
        known.map(|(_, isolation)| *isolation)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Thread => "thread",
            Self::Process => "process",
        }
    }
}

impl Graph<'_> {
    pub(crate) fn boundary(&self, id: BoundaryId) -> &Boundary {
        &self.boundaries[id.0]
    }

    /// The process in which a node runs, if it is none of the topology's own.
    pub(crate) fn process(&self, node: NodeId) -> Option<BoundaryId> {
        let mut next = self.node(node).boundary();
        while let Some(id) = next
            && self.boundary(id).isolation != Isolation::Process
        {
            next = self.boundary(id).outer;
        }
        next
    }
}

impl super::Node {
    /// The boundary that it is in, and in none inside that.
    pub(crate) fn boundary(&self) -> Option<BoundaryId> {
        self.membership.as_ref().map(|(boundary, _)| *boundary)
    }

    /// The same, and where it names the step.
    pub(crate) fn membership(&self) -> Option<(BoundaryId, &TokenStream)> {
        let (boundary, mention) = self.membership.as_ref()?;
        Some((*boundary, mention))
    }
}
