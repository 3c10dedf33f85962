//! What a boundary declares.

use std::time::Duration;

use super::Cores;

/// A boundary, as its statement declares it.
#[derive(Debug, Clone, Copy)]
pub struct BoundarySpec {
    pub(crate) name: &'static str,
    pub(crate) isolation: Isolation,
    /// The number of the boundary that it is in.
    pub(crate) outer: Option<usize>,
    /// How many threads there are: of a process, those of its runtime; as many as
    /// there are processors unless it says so.
    pub(crate) threads: Option<usize>,
    /// What the system calls the threads.
    pub(crate) thread_name: &'static str,
    /// In bytes.
    pub(crate) stack_size: Option<u64>,
    /// Which cores the threads are kept to.
    pub(crate) cores: Option<Cores>,
    pub(crate) restart: Option<Restart>,
    pub(crate) strategy: Strategy,
    pub(crate) codec: Codec,
    /// The most address space that the process may have, in bytes.
    pub(crate) memory: Option<u64>,
    /// The most processor time that the process may take.
    pub(crate) cpu_time: Option<Duration>,
    /// How long the process may take to start, and a message may wait for it.
    pub(crate) start: Duration,
}

/// What keeps the steps of a boundary apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Threads of their own.
    Thread,
    /// A process of their own.
    Process,
}

/// How often something may be restarted: `restart = 5 in 60s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Restart {
    pub(crate) times: usize,
    pub(crate) within: Duration,
}

#[cfg(feature = "process")]
impl Restart {
    /// Where nothing is said.
    const UNSAID: Self = Self {
        times: 5,
        within: Duration::from_mins(1),
    };
}

/// What is restarted with what has ended, in the words of OTP's supervisors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// Nothing.
    #[default]
    OneForOne,
    /// What is declared behind it.
    RestForOne,
    /// All that have the same parent.
    OneForAll,
}

/// How messages are written that cross into a process, and out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Codec {
    /// <https://postcard.jamesmunns.com>: both ends are one build.
    #[default]
    Postcard,
    /// <https://msgpack.org>, with the names of fields.
    MessagePack,
}

impl BoundarySpec {
    /// One thread, which has the boundary's name.
    pub const fn thread(name: &'static str) -> Self {
        Self::new(name, Isolation::Thread)
    }

    /// A process.
    pub const fn process(name: &'static str) -> Self {
        Self::new(name, Isolation::Process)
    }

    const fn new(name: &'static str, isolation: Isolation) -> Self {
        Self {
            name,
            isolation,
            outer: None,
            threads: None,
            thread_name: name,
            stack_size: None,
            cores: None,
            restart: None,
            strategy: Strategy::OneForOne,
            codec: Codec::Postcard,
            memory: None,
            cpu_time: None,
            start: Duration::from_secs(5),
        }
    }

    /// How many threads a boundary of threads has: one for each core, and one where
    /// nothing is said.
    pub(crate) fn thread_count(&self) -> usize {
        let cores = self.cores.map(Cores::count);
        self.threads.or(cores).unwrap_or(1)
    }

    /// How often it may be restarted.
    #[cfg(feature = "process")]
    pub(crate) fn limit(&self) -> Restart {
        self.restart.unwrap_or(Restart::UNSAID)
    }

    /// How many threads there are.
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
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

    /// Which cores they are kept to: the first to the first, and so on.
    #[must_use]
    pub const fn cores(mut self, cores: Cores) -> Self {
        self.cores = Some(cores);
        self
    }

    /// The number of the boundary that it is in.
    #[must_use]
    pub const fn within(mut self, outer: usize) -> Self {
        self.outer = Some(outer);
        self
    }

    /// How often it may be restarted: so many times within so long.
    #[must_use]
    pub const fn restart(mut self, times: usize, within: Duration) -> Self {
        self.restart = Some(Restart { times, within });
        self
    }

    /// What is restarted with one of the boundaries inside.
    #[must_use]
    pub const fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// How messages are written that cross.
    #[must_use]
    pub const fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// The most address space that the process may have, in bytes.
    #[must_use]
    pub const fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// The most processor time that the process may take.
    #[must_use]
    pub const fn cpu_time(mut self, time: Duration) -> Self {
        self.cpu_time = Some(time);
        self
    }

    /// How long the process may take to start, and a message may wait for it.
    #[must_use]
    pub const fn start(mut self, time: Duration) -> Self {
        self.start = time;
        self
    }
}
