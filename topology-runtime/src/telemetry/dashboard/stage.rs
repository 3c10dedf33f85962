//! What is shown, and who looks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use super::Failures;
use super::shown::Shown;
use crate::handle::Handle;
use crate::topology::Topology;

/// What every open page gets, as JSON.
#[derive(Clone, Default)]
pub(super) struct Frame {
    /// Counts the changes of what is declared.
    pub(super) version: u64,
    pub(super) declared: Arc<str>,
    pub(super) numbers: Arc<str>,
    pub(super) is_last: bool,
}

pub(super) struct Stage {
    pub(super) failures: Failures,
    pub(super) interval: Duration,
    cast: Mutex<Cast>,
    frames: watch::Sender<Frame>,
    opened: Notify,
}

#[derive(Default)]
struct Cast {
    shown: Vec<Shown>,
    entered: u64,
    /// Counts who came and who went.
    version: u64,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self {
            failures: Failures::default(),
            interval: Duration::from_millis(500),
            cast: Mutex::default(),
            frames: watch::Sender::new(Frame::default()),
            opened: Notify::new(),
        }
    }

    pub(super) fn show<T: Topology>(&self, name: &str, handle: &Handle<T>) {
        let mut cast = self.cast();
        let number = cast.entered;
        cast.entered += 1;
        cast.version += 1;
        cast.shown.push(Shown::new(number, name, handle));
    }

    /// The frames from now on, for one more page.
    pub(super) fn open(&self) -> watch::Receiver<Frame> {
        let frames = self.frames.subscribe();
        self.opened.notify_one();
        frames
    }

    /// Ends every page's frames.
    pub(super) fn close(&self) {
        self.frames.send_modify(|frame| frame.is_last = true);
    }

    /// Looks at all topologies once an interval, while some page is open.
    pub(super) async fn look(self: Arc<Self>) {
        loop {
            while self.frames.receiver_count() == 0 {
                self.opened.notified().await;
            }
            self.take_frame();
            tokio::time::sleep(self.interval).await;
        }
    }

    fn take_frame(&self) {
        let mut cast = self.cast();
        let before = cast.shown.len();
        let mut numbers = Vec::with_capacity(before);
        cast.shown.retain(|shown| {
            let now = shown.numbers();
            let is_there = now.is_some();
            numbers.extend(now);
            is_there
        });
        cast.version += u64::from(cast.shown.len() < before);
        let numbers = Value::Array(numbers).to_string();
        self.frames.send_modify(|frame| {
            // An empty stage is declared too.
            if frame.version != cast.version || frame.declared.is_empty() {
                frame.version = cast.version;
                let declared = cast.shown.iter().map(Shown::declared).cloned().collect();
                let interval = u64::try_from(self.interval.as_millis()).unwrap_or(u64::MAX);
                let topologies = Value::Array(declared);
                let declared = json!({ "interval": interval, "topologies": topologies });
                frame.declared = declared.to_string().into();
            }
            frame.numbers = numbers.into();
        });
    }

    fn cast(&self) -> MutexGuard<'_, Cast> {
        self.cast.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nothing_is_looked_at_unless_somebody_looks() {
        let stage = Arc::new(Stage::new());
        let looking = tokio::spawn(Arc::clone(&stage).look());
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert!(stage.frames.borrow().numbers.is_empty());
        let mut first = stage.open();
        first.changed().await.unwrap();
        assert_eq!(&*first.borrow_and_update().numbers, "[]");
        first.changed().await.unwrap();
        drop(first);
        // The turn that has begun is the last.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let last = Arc::clone(&stage.frames.borrow().numbers);
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert!(Arc::ptr_eq(&last, &stage.frames.borrow().numbers));
        looking.abort();
    }
}
