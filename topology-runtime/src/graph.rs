//! The drawing of a topology.

use std::fmt;

/// A topology as a drawing: its [`Display`](fmt::Display) is a Mermaid
/// flowchart.
///
/// Steps are boxes, joins bars, routes diamonds; failure routes are dotted, and
/// calls without a queue (`>>`) are thick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Graph {
    name: &'static str,
    mermaid: &'static str,
}

impl Graph {
    #[doc(hidden)]
    pub const fn new(name: &'static str, mermaid: &'static str) -> Self {
        Self { name, mermaid }
    }

    /// The name of the topology.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The drawing as a Mermaid flowchart.
    pub const fn mermaid(&self) -> &'static str {
        self.mermaid
    }
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mermaid)
    }
}
