//! What a topology can cost at most, as constants: time to a fate, and memory
//! of what waits.

pub mod checked;
mod loops;
mod memory;
mod nesting;
mod specs;
mod text;
mod time;

pub use self::loops::Loop;
pub(crate) use self::memory::item_bytes;
pub use self::memory::{Table, queue_bytes};
pub use self::nesting::{Depth, Inside, InsideSpec, Root};
pub(crate) use self::specs::specs;
pub use self::specs::{Specified, Specs};
pub(crate) use self::text::Text;
pub use self::time::{Hop, hasty, is_hasty, is_idle, is_stateful, worst_case};
