//! For tests and demonstrations (feature `testing`): what a run left behind, and
//! diagrams that are held against their topology.

mod diagram;
mod recorder;
mod tree;

pub use self::diagram::assert_diagram;
pub use self::recorder::{RecordedEvent, RecordedSpan, Recorder};
pub use self::tree::TraceTree;
