//! For tests and demonstrations (feature `testing`): what a run left behind.

mod recorder;
mod tree;

pub use self::recorder::{RecordedEvent, RecordedSpan, Recorder};
pub use self::tree::TraceTree;
