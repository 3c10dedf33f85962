//! The two runtimes that everything runs on.

use tokio::runtime::{Builder, Runtime};

/// A flavour of tokio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// Everything on one thread.
    Current,
    /// Two workers.
    Two,
}

impl Flavour {
    pub(crate) const ALL: [Self; 2] = [Self::Current, Self::Two];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Current => "one thread",
            Self::Two => "two workers",
        }
    }
}

/// Made once: threads that are not used sleep, and cost nothing.
pub(crate) struct Runtimes {
    current: Runtime,
    two: Runtime,
}

impl Runtimes {
    pub(crate) fn new() -> Self {
        let build = |mut builder: Builder| builder.enable_all().build().expect("threads to spare");
        let mut two = Builder::new_multi_thread();
        two.worker_threads(2);
        Self {
            current: build(Builder::new_current_thread()),
            two: build(two),
        }
    }

    pub(crate) fn block_on<F: Future>(&self, flavour: Flavour, future: F) -> F::Output {
        match flavour {
            Flavour::Current => self.current.block_on(future),
            Flavour::Two => self.two.block_on(future),
        }
    }
}
