//! What a boundary declares.

/// A thread boundary, as its statement declares it.
#[derive(Debug, Clone, Copy)]
pub struct BoundarySpec {
    pub(crate) name: &'static str,
    pub(crate) threads: usize,
    /// What the system calls the threads.
    pub(crate) thread_name: &'static str,
    /// In bytes.
    pub(crate) stack_size: Option<u64>,
}

impl BoundarySpec {
    /// One thread, which has the boundary's name.
    pub const fn thread(name: &'static str) -> Self {
        Self {
            name,
            threads: 1,
            thread_name: name,
            stack_size: None,
        }
    }

    /// How many threads there are.
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// What the system calls them.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.thread_name = name;
        self
    }

    /// The size of each one's stack, in bytes.
    #[must_use]
    pub const fn stack_size(mut self, bytes: u64) -> Self {
        self.stack_size = Some(bytes);
        self
    }
}
