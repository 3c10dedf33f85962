//! A paused clock stands still while threads are at work.
//!
//! Tokio moves a paused clock on as soon as its runtime has nothing to do, and
//! would not know that a thread of ours has. It does know of the threads of its
//! own pool: one of them waits for as long as any of ours is at work.

use std::convert::Infallible;
use std::sync::mpsc;

use tokio::runtime::Handle;

/// The clock stands still until it is dropped.
pub(crate) struct Hold(#[expect(dead_code, reason = "dropped")] mpsc::Sender<Infallible>);

impl Hold {
    pub(crate) fn begin(runtime: &Handle) -> Self {
        let (end, ended) = mpsc::channel();
        drop(runtime.spawn_blocking(move || ended.recv().ok()));
        Self(end)
    }
}
