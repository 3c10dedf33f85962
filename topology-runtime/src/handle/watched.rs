//! A topology that somebody looks at who does not keep it running.

use std::sync::{Arc, Weak};

use super::{Handle, Running};
use crate::topology::Topology;

/// Ends with the last handle.
pub(crate) struct Watched<T: Topology>(Weak<Running<T>>);

impl<T: Topology> Watched<T> {
    pub(crate) fn of(handle: &Handle<T>) -> Self {
        Self(Arc::downgrade(&handle.0))
    }

    /// `None` once nobody holds it any more.
    pub(crate) fn handle(&self) -> Option<Handle<T>> {
        self.0.upgrade().map(Handle)
    }
}
