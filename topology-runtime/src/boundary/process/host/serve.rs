//! A process of a boundary, from its first line to its end.

use std::collections::HashMap;
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::runtime::Builder;

use super::Host;
use super::line::Line;
use super::member::{Inside, Member};
use super::parent::{Parent, wait_for_end};
use crate::boundary::process::frame::Frame;
use crate::boundary::process::handover;
use crate::boundary::process::order::Order;
use crate::boundary::process::progress::{Progress, Time};
use crate::boundary::{BoundarySpec, Isolation, Threads};
use crate::state::Lent;
use crate::topology::Topology;

/// How many bytes are read at once.
const ROOM: usize = 64 << 10;

/// Does what the process was started for, until its parent has no more use for it
/// or is gone.
pub(super) fn serve<T: Topology>(order: &Order, state: impl FnOnce() -> T::State) -> ! {
    let spec = &T::specs().boundaries[order.boundary];
    match start::<T>(order, spec, state) {
        Ok(stream) => {
            // Here, and not where something may be at work that takes for ever:
            // whatever is at work is for nobody.
            wait_for_end(&stream);
            std::process::exit(0);
        }
        Err(error) => end(spec, T::NAME, Err(error)),
    }
}

fn end(spec: &BoundarySpec, topology: &str, end: io::Result<()>) -> ! {
    if let Err(error) = end {
        eprintln!("boundary `{}` of `{topology}`: {error}", spec.name);
        std::process::exit(1);
    }
    std::process::exit(0);
}

fn start<T: Topology>(
    order: &Order,
    spec: &'static BoundarySpec,
    state: impl FnOnce() -> T::State,
) -> io::Result<UnixStream> {
    limit(spec)?;
    let stream = UnixStream::connect(&order.socket)?;
    let progress = Progress::of(&handover::take(&stream)?)?;
    stream.set_nonblocking(true)?;
    let mut builder = Builder::new_multi_thread();
    if let Some(threads) = spec.threads {
        builder.worker_threads(threads);
    }
    // Not dropped: it would wait there for what has not ended, and may not where
    // `main` is async. The process's end is its own.
    let runtime = ManuallyDrop::new(builder.enable_all().thread_name(spec.name).build()?);
    let _entered = runtime.enter();
    let mut host = Host::<T> {
        members: HashMap::new(),
    };
    T::host(&mut host);
    let mut serving = Serving {
        inside: Arc::new(Inside {
            state: Lent::new(state()),
            parent: Parent::new(stream.try_clone()?),
            progress,
        }),
        members: host.members,
        threads: threads::<T>(order.boundary),
        lines: HashMap::new(),
    };
    let inside = Arc::clone(&serving.inside);
    std::thread::Builder::new()
        .name(format!("{} writer", spec.name))
        .spawn(move || inside.parent.write_for_others())?;
    let mut ready = Vec::new();
    Frame::Ready.write(&mut ready).map_err(io::Error::other)?;
    serving.inside.parent.says(&mut ready, Time::now());
    serving.inside.parent.say();
    let reading = tokio::net::UnixStream::from_std(stream.try_clone()?)?;
    runtime.spawn(async move {
        let read = serving.read(reading).await;
        let _ending = OrPanicking;
        // The state is let go of, and what it does then is waited for.
        drop(serving);
        end(spec, T::NAME, read);
    });
    Ok(stream)
}

/// Nobody would end the process any more.
struct OrPanicking;

impl Drop for OrPanicking {
    fn drop(&mut self) {
        std::process::exit(101);
    }
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

struct Serving<State> {
    inside: Arc<Inside<State>>,
    members: HashMap<u16, Arc<dyn Member<State>>>,
    threads: HashMap<usize, Threads>,
    /// By number: each with the step that it leads to.
    lines: HashMap<u32, (u16, Arc<Line>)>,
}

impl<State: Send + Sync + 'static> Serving<State> {
    /// Reads what the parent says, until it is the end.
    async fn read(&mut self, stream: tokio::net::UnixStream) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut filled = 0;
        loop {
            if bytes.len() < filled + ROOM {
                bytes.resize(filled + ROOM, 0);
            }
            match stream.try_read(&mut bytes[filled..]) {
                Ok(0) => return Ok(()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    stream.readable().await?;
                    continue;
                }
                // Without its parent a process has nothing to do.
                Err(_) => return Ok(()),
            }
            let Some(read) = self.follow(&bytes[..filled])? else {
                return Ok(());
            };
            bytes.copy_within(read..filled, 0);
            filled -= read;
        }
    }

    /// Does what the whole frames at the beginning say, and says how long they were;
    /// nothing at the end.
    fn follow(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let (mut read, mut first) = (0, 0);
        let mut line = None;
        while let Some(begin) = Frame::begin(&bytes[read..]).map_err(io::Error::other)? {
            if begin.line != line {
                self.bring(line, &bytes[first..read])?;
                (first, line) = (read, begin.line);
            }
            if !begin.is_attempt {
                match Frame::read(&bytes[read..]).map_err(io::Error::other)? {
                    Some((Frame::GiveUp(which), _)) => {
                        if let Some((_, line)) = self.lines.get(&which.line) {
                            line.give_up(which);
                        }
                    }
                    Some((Frame::End, _)) => return Ok(None),
                    other => return Err(io::Error::other(format!("{other:?} is no order"))),
                }
            }
            read += begin.length;
        }
        self.bring(line, &bytes[first..read])?;
        Ok(Some(read))
    }

    /// Brings attempts to their line, and has somebody work on them.
    fn bring(&mut self, number: Option<u32>, frames: &[u8]) -> io::Result<()> {
        let Some(number) = number else {
            return Ok(());
        };
        let (step, line) = match self.lines.get(&number) {
            Some((step, line)) => (*step, line),
            None => {
                let step = self.step(number, frames)?;
                let line = Arc::<Line>::default();
                let (step, line) = self.lines.entry(number).or_insert((step, line));
                (*step, &*line)
            }
        };
        if !line.bring(frames) {
            return Ok(());
        }
        let no_member = || io::Error::other(format!("step {step} is not inside"));
        let member = self.members.get(&step).cloned().ok_or_else(no_member)?;
        let threads = member.threads();
        let work = member.work(number, Arc::clone(line), Arc::clone(&self.inside));
        match threads.and_then(|number| self.threads.get(&number)) {
            Some(threads) => drop(tokio::spawn(threads.run(work))),
            None => drop(tokio::spawn(work)),
        }
        Ok(())
    }

    /// The step that a line leads to, of which these are the first frames.
    fn step(&self, line: u32, frames: &[u8]) -> io::Result<u16> {
        if line as usize >= self.inside.progress.lines() {
            return Err(io::Error::other(format!("there is no line {line}")));
        }
        match Frame::read(frames).map_err(io::Error::other)? {
            Some((Frame::Attempt(attempt, _), _)) => Ok(attempt.step),
            other => Err(io::Error::other(format!("{other:?} is no attempt"))),
        }
    }
}
