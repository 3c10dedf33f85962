//! A process of a boundary, from its first line to its end.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::mem::ManuallyDrop;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::task::{Context, Waker};

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::runtime::Builder;

use super::Host;
use super::line::Line;
use super::member::{Inside, Member, reads};
use super::parent::{Parent, wait_for_end};
use crate::boundary::process::frame::{Frame, Runs};
use crate::boundary::process::handover;
use crate::boundary::process::order::Order;
use crate::boundary::process::progress::{Progress, Time};
use crate::boundary::{BoundarySpec, Threads};
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
            // Whatever is at work then is for nobody, however long it may take.
            wait_for_end(&stream);
            std::process::exit(0);
        }
        Err(error) => fail::<T>(spec, &error),
    }
}

fn fail<T: Topology>(spec: &BoundarySpec, error: &io::Error) -> ! {
    eprintln!("boundary `{}` of `{}`: {error}", spec.name, T::NAME);
    std::process::exit(1);
}

fn start<T: Topology>(
    order: &Order,
    spec: &'static BoundarySpec,
    state: impl FnOnce() -> T::State,
) -> io::Result<UnixStream> {
    limit(spec)?;
    let stream = UnixStream::connect(&order.socket)?;
    let progress = Progress::of(&handover::take(&stream)?)?;
    let mut builder = Builder::new_multi_thread();
    if let Some(threads) = spec.threads {
        builder.worker_threads(threads);
    }
    // Not dropped: it would wait there for what has not ended, and may not where
    // `main` is async. The process's end is its own.
    let runtime = ManuallyDrop::new(builder.enable_all().thread_name(spec.name).build()?);
    let entered = runtime.enter();
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
    drop(entered);
    let thread = |name: String| std::thread::Builder::new().name(name);
    let inside = Arc::clone(&serving.inside);
    thread(format!("{} writer", spec.name)).spawn(move || inside.parent.write_for_others())?;
    let mut ready = Vec::new();
    Frame::Ready.write(&mut ready).map_err(io::Error::other)?;
    serving.inside.parent.says(&mut ready, Time::now());
    serving.inside.parent.say();
    let (handle, reader) = (runtime.handle().clone(), stream.try_clone()?);
    // What is fast is done here, too.
    thread(spec.name.to_owned()).spawn(move || {
        let _ending = Ending;
        let _entered = handle.enter();
        reads();
        if let Err(error) = serving.read(reader) {
            fail::<T>(spec, &error);
        }
        // The state is let go of, and what it does then is waited for.
        drop(serving);
        std::process::exit(0);
    })?;
    Ok(stream)
}

/// Where this is dropped something has panicked, and nobody reads any more.
struct Ending;

impl Drop for Ending {
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
    let inside = numbered.filter(|(number, _)| {
        specs.has_threads(*number) && specs.process_around(*number) == Some(process)
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
    fn read(&mut self, mut stream: UnixStream) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut filled = 0;
        loop {
            if bytes.len() < filled + ROOM {
                bytes.resize(filled + ROOM, 0);
            }
            match stream.read(&mut bytes[filled..]) {
                Ok(read @ 1..) => filled += read,
                // A signal that somebody here handles.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // Without its parent a process has nothing to do.
                Ok(0) | Err(_) => std::process::exit(0),
            }
            let Some(read) = self.follow(&bytes[..filled])? else {
                return Ok(());
            };
            // What was done at once is said at once.
            self.inside.parent.say();
            bytes.copy_within(read..filled, 0);
            filled -= read;
        }
    }

    /// Does what the whole frames at the beginning say, and says how long they were;
    /// nothing at the end.
    fn follow(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let mut runs = Runs::of(bytes);
        while let Some(run) = runs.next().map_err(io::Error::other)? {
            if let (Some(line), true) = (run.line, run.are_attempts) {
                self.bring(line, run.frames)?;
                continue;
            }
            match Frame::read(run.frames).map_err(io::Error::other)? {
                Some((Frame::GiveUp(which), _)) => {
                    if let Some((_, line)) = self.lines.get(&which.line) {
                        line.give_up(which);
                    }
                }
                Some((Frame::End, _)) => return Ok(None),
                other => return Err(io::Error::other(format!("{other:?} is no order"))),
            }
        }
        Ok(Some(runs.read))
    }

    /// Brings attempts to their line, and has somebody work on them.
    fn bring(&mut self, number: u32, frames: &[u8]) -> io::Result<()> {
        let (step, line) = match self.lines.get(&number) {
            Some((step, line)) => (*step, Arc::clone(line)),
            None => {
                let (step, line) = (self.step(number, frames)?, Arc::<Line>::default());
                self.lines.insert(number, (step, Arc::clone(&line)));
                (step, line)
            }
        };
        if !line.bring(frames) {
            return Ok(());
        }
        let no_member = || io::Error::other(format!("step {step} is not inside"));
        let member = self.members.get(&step).ok_or_else(no_member)?;
        let threads = member.threads();
        let threads = threads.and_then(|number| self.threads.get(&number));
        let mut work = Arc::clone(member).work(number, line, Arc::clone(&self.inside));
        if let Some(threads) = threads {
            drop(tokio::spawn(threads.run(work)));
            return Ok(());
        }
        // To wake another thread would take longer than what is fast.
        let mut context = Context::from_waker(Waker::noop());
        if !member.is_fast() || work.as_mut().poll(&mut context).is_pending() {
            drop(tokio::spawn(work));
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
