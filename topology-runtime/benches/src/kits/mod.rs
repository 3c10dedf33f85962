//! What else could carry messages from task to task.

mod actix;
mod async_channel;
mod batched;
mod buffer;
mod contract;
mod crossfire;
mod direct;
mod flume;
mod kameo;
mod kanal;
mod ractor;
mod tokio_mpsc;

pub(crate) use self::actix::Actix;
pub(crate) use self::async_channel::AsyncChannel;
pub(crate) use self::batched::Batched;
pub(crate) use self::buffer::{buffer, buffer_latency};
pub(crate) use self::contract::{Contract, called};
pub(crate) use self::crossfire::{Crossfire, CrossfireSpsc};
pub(crate) use self::direct::direct;
pub(crate) use self::flume::Flume;
pub(crate) use self::kameo::Kameo;
pub(crate) use self::kanal::Kanal;
pub(crate) use self::ractor::Ractor;
pub(crate) use self::tokio_mpsc::TokioMpsc;
use crate::measure::{Flavour, Runtimes};
use crate::work::{Node, Parcel};

/// Channels or actors, as far as the workloads need them.
pub(crate) trait Kit: Sized + Send + 'static {
    /// What is on the way.
    type Letter<const N: usize>: Letter;
    /// The way to a task.
    type To<const N: usize>: To<Self::Letter<N>>;
    /// Whether nobody waits for room.
    const IS_UNBOUNDED: bool = false;
    /// Whether several letters go in one go.
    const IS_BATCHED: bool = false;

    /// A task for the node, and the way to it.
    fn open<const N: usize>(
        node: Node<N, Self>,
        capacity: usize,
    ) -> impl Future<Output = Self::To<N>>;

    /// Another way to the same task, where there can be several.
    fn shared<const N: usize>(to: &Self::To<N>) -> Option<Self::To<N>>;

    /// Runs a workload to its end.
    fn block_on<F: Future>(runtimes: &Runtimes, flavour: Flavour, future: F) -> F::Output {
        runtimes.block_on(flavour, future)
    }
}

/// A message as it travels.
pub(crate) trait Letter: Clone + Send + 'static {
    fn new(number: u64) -> Self;
    fn number(&self) -> u64;
    #[must_use]
    fn worked(self) -> Self;
}

/// The sending end.
pub(crate) trait To<L: Send>: Send + 'static {
    fn put(&mut self, letter: L) -> impl Future<Output = ()> + Send;

    fn put_all(&mut self, letters: &mut Vec<L>) -> impl Future<Output = ()> + Send {
        async {
            for letter in letters.drain(..) {
                self.put(letter).await;
            }
        }
    }
}

impl<const N: usize> Letter for Parcel<N> {
    fn new(number: u64) -> Self {
        Self::new(number)
    }

    fn number(&self) -> u64 {
        self.number()
    }

    fn worked(self) -> Self {
        self.worked()
    }
}
