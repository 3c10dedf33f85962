//! A process of a boundary, from its first line to its end.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::mem::ManuallyDrop;
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};

use super::Host;
use super::member::{Ended, Member};
use super::parent::{Parent, end_if_alone};
use crate::boundary::process::frame::{Attempt, Frame, Refused};
use crate::boundary::process::order::Order;
use crate::boundary::{BoundarySpec, Isolation, Threads};
use crate::fate::Cancellation;
use crate::state::Lent;
use crate::step::{Bounded, bounded};
use crate::topology::Topology;

/// How many bytes are read at once.
const ROOM: usize = 64 << 10;

/// Does what the process was started for, until its parent has no more use for it
/// or is gone.
pub(super) fn serve<T: Topology>(order: &Order, state: impl FnOnce() -> T::State) -> ! {
    let spec = &T::specs().boundaries[order.boundary];
    if let Err(error) = run::<T>(order, spec, state) {
        eprintln!("boundary `{}` of `{}`: {error}", spec.name, T::NAME);
        std::process::exit(1);
    }
    std::process::exit(0);
}

fn run<T: Topology>(
    order: &Order,
    spec: &BoundarySpec,
    state: impl FnOnce() -> T::State,
) -> io::Result<()> {
    limit(spec)?;
    let stream = UnixStream::connect(&order.socket)?;
    let mut builder = Builder::new_multi_thread();
    if let Some(threads) = spec.threads {
        builder.worker_threads(threads);
    }
    // Not dropped: it would wait there for what has not ended, and may not where
    // `main` is async. The process's end is its own.
    let runtime = ManuallyDrop::new(builder.enable_all().thread_name(spec.name).build()?);
    let serving = {
        let _entered = runtime.enter();
        let parent = Arc::new(Parent::new(stream.try_clone()?));
        let mut host = Host::<T> {
            members: HashMap::new(),
        };
        T::host(&mut host);
        Serving {
            state: Lent::new(state()),
            members: host.members,
            threads: threads::<T>(order.boundary),
            running: Arc::default(),
            parent,
            runtime: &runtime,
        }
    };
    let parent = Arc::clone(&serving.parent);
    std::thread::Builder::new()
        .name(format!("{} writer", spec.name))
        .spawn(move || parent.write_for_others())?;
    serving.parent.say(&Frame::Ready)?;
    serving.read(stream)?;
    // The state is let go of, and what it does then is waited for.
    drop(serving);
    Ok(())
}

/// What the boundary says that the process may use at most.
fn limit(spec: &BoundarySpec) -> io::Result<()> {
    let set = |resource, most: u64| {
        let most = Some(most);
        setrlimit(
            resource,
            Rlimit {
                current: most,
                maximum: most,
            },
        )
    };
    if let Some(bytes) = spec.memory {
        set(Resource::As, bytes)?;
    }
    if let Some(time) = spec.cpu_time {
        set(Resource::Cpu, time.as_secs().max(1))?;
    }
    Ok(())
}

/// The threads of the thread boundaries inside, by their numbers.
fn threads<T: Topology>(process: usize) -> HashMap<usize, Threads> {
    let specs = T::specs();
    let numbered = specs.boundaries.iter().enumerate();
    let inside = numbered.filter(|(number, spec)| {
        spec.isolation == Isolation::Thread && specs.process_around(*number) == Some(process)
    });
    inside
        .map(|(number, spec)| (number, Threads::start(spec, false)))
        .collect()
}

struct Serving<'r, State> {
    state: Lent<State>,
    members: HashMap<u16, Arc<dyn Member<State>>>,
    threads: HashMap<usize, Threads>,
    running: Arc<Running>,
    parent: Arc<Parent>,
    runtime: &'r Runtime,
}

/// The attempts that have not ended, and how they are given up.
#[derive(Default)]
struct Running(Mutex<HashMap<u64, Arc<Cancellation>>>);

impl Running {
    fn table(&self) -> MutexGuard<'_, HashMap<u64, Arc<Cancellation>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<State: Send + Sync + 'static> Serving<'_, State> {
    /// Reads what the parent says, until it is the end.
    fn read(&self, mut stream: UnixStream) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut filled = 0;
        loop {
            if bytes.len() < filled + ROOM {
                bytes.resize(filled + ROOM, 0);
            }
            let read = end_if_alone(stream.read(&mut bytes[filled..]));
            if read == 0 {
                // The parent is gone: whatever is at work here is for nobody.
                std::process::exit(0);
            }
            filled += read;
            let mut begin = 0;
            let mut frames = Vec::new();
            while let Some((frame, length)) = Frame::read(&bytes[begin..filled])
                .map_err(|error| io::Error::other(error.to_string()))?
            {
                frames.push(frame);
                begin += length;
            }
            if self.follow(frames)? {
                return Ok(());
            }
            bytes.copy_within(begin..filled, 0);
            filled -= begin;
        }
    }

    /// Does what the parent says; `true` at the end.
    fn follow(&self, frames: Vec<Frame<'_>>) -> io::Result<bool> {
        let attempts = frames.iter().filter_map(|frame| match frame {
            Frame::Attempt(attempt, _) => Some(attempt.id),
            _ => None,
        });
        // Said before any of them begins: what the process may end by has begun.
        if let Some(last) = attempts.max() {
            end_if_alone(self.parent.say(&Frame::Begun(last)));
        }
        for frame in frames {
            match frame {
                Frame::Attempt(attempt, message) => self.begin(attempt, message)?,
                Frame::GiveUp(id) => {
                    if let Some(cancellation) = self.running.table().get(&id) {
                        cancellation.cancel();
                    }
                }
                Frame::End => return Ok(true),
                other => return Err(io::Error::other(format!("{other:?} is no order"))),
            }
        }
        Ok(false)
    }

    fn begin(&self, attempt: Attempt, message: &[u8]) -> io::Result<()> {
        let Some(member) = self.members.get(&attempt.step).cloned() else {
            let number = attempt.step;
            return Err(io::Error::other(format!("step {number} is not inside")));
        };
        let id = attempt.id;
        let cancellation = Arc::<Cancellation>::default();
        self.running.table().insert(id, Arc::clone(&cancellation));
        self.parent.running.fetch_add(1, Ordering::AcqRel);
        let end = End {
            id,
            parent: Arc::clone(&self.parent),
            running: Arc::clone(&self.running),
            is_said: false,
        };
        let threads = member.threads();
        let work = member.attempt(
            attempt,
            message.to_vec(),
            self.state.clone(),
            Arc::clone(&cancellation),
        );
        let work = async move {
            let ended = bounded(work, || None, || cancellation).await;
            end.say(&ended);
        };
        match threads.and_then(|number| self.threads.get(&number)) {
            Some(threads) => drop(self.runtime.spawn(threads.run(Box::pin(work)))),
            None => drop(self.runtime.spawn(work)),
        }
        Ok(())
    }
}

/// Tells the parent how an attempt ended: if nothing else is known of it, that it
/// is not at work any more.
struct End {
    id: u64,
    parent: Arc<Parent>,
    running: Arc<Running>,
    is_said: bool,
}

impl End {
    fn say(mut self, ended: &Bounded<Ended>) {
        self.running.table().remove(&self.id);
        self.is_said = true;
        let said = match ended {
            Bounded::Done(Ended::Done(output)) => {
                self.parent.say_end(&Frame::Done(self.id, output))
            }
            Bounded::Done(Ended::Failed { may_retry, texts }) => {
                self.failed(*may_retry, texts.iter().map(|text| &**text).collect())
            }
            Bounded::Done(Ended::Panicked(text)) => {
                self.parent.say_end(&Frame::Panicked(self.id, text))
            }
            Bounded::Cancelled | Bounded::TimedOut => self.parent.say_end(&Frame::GivenUp(self.id)),
        };
        if let Err(error) = said {
            let text = format!("the output cannot cross between processes: {error}");
            // A text is never too long.
            let _ = self.failed(false, vec![&text]);
        }
    }

    fn failed(
        &self,
        may_retry: bool,
        texts: Vec<&str>,
    ) -> Result<(), crate::boundary::process::frame::Malformed> {
        let refused = Refused { may_retry, texts };
        self.parent.say_end(&Frame::Failed(self.id, refused))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.is_said {
            self.running.table().remove(&self.id);
            let _ = self.parent.say_end(&Frame::GivenUp(self.id));
        }
    }
}
